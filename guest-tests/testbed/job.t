# SPDX-License-Identifier: Apache-2.0
# Programs of the command line beside the default Linux: streams, signals,
# files, ends; several of them in one split VM that is kept.
# shellcheck shell=sh disable=SC2016,SC2317 # for other shells; called by name
. guest-tests/tap.sh

[ -e build/ros/vmlinux ] || skip_all 'no build/ros: make ros'
bed=$PWD
dive=$PWD/build/dive
minnow=$PWD/build/kernels/minnow.elf
box=/bin/busybox
socket=/tmp/keep
work=/tmp/job
mkdir -p $work
cd $work || exit 1
seq 20000 >numbers

# in_it SECONDS PROGRAM...: run of tap.sh, in the VM that is kept.
in_it() {
	in_seconds=$1; shift
	run "$in_seconds" "$dive" --attach $socket "$@"
}

# daemons: how many serve files.
daemons() { pidof virtiofsd | wc -w; }

# eventually COMMAND...: it will be true within ten seconds.
eventually() {
	for _ in $(seq 100); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	return 1
}
are_left() { [ "$(daemons)" = "$1" ]; }

# --- one after the other --------------------------------------------------------

"$dive" --mode hrt --hrt-cpus 2 --keep $socket "$minnow" -- \
	$box echo one two >"$tap_dir/first" 2>"$tap_dir/first.err" &
keeper=$!
ok 'a VM that is kept listens' eventually test -S $socket
in_it 280 $box echo three
is "$status,$out" '0,three' 'a program in a VM that is kept'
is "$(cat "$tap_dir/first")" 'one two' '... behind that of the command line'
in_it 30 $box sha256sum <numbers
is "$status,$out" "0,$(sha256sum <numbers)" 'standard input is its own'
in_it 30 $box sh -c 'echo out; echo err >&2; exit 7'
is "$status,$out,$err" '7,out,err' 'output, errors and status'
in_it 30 $box sh -c 'kill -TERM $$'
is "$status" 143 'a signal ends it, and us'
export DIVE_WORD='a b'
in_it 30 $box sh -c 'echo "$DIVE_WORD"; umask; pwd'
is "$out" "a b
$(umask)
$work" 'environment, umask, directory'
in_it 30 $box cp numbers copy
is "$status" 0 'it writes into the current directory'
ok '... and it is on the host' cmp numbers copy
in_it 30 $box rm copy
ok '... or no more' test ! -e copy
in_it 30 /no/such/program
is "$status" 127 'no such program'
(cd / && in_it 30 $box pwd)
diag "$out $err"

# --- CPUs, and what a program can do to them -------------------------------------

programs=$bed/build/programs
in_it 30 $box nproc
is "$out" 2 'a program has as many CPUs as the kernel'
export OMP_NUM_THREADS=2
in_it 60 "$programs/stencil"
like "$out" '^more than one thread: yes' '... and threads on them'
in_it 60 "$programs/threads"
is "$status,$(printf '%s\n' "$out" | grep -c '^not ok')" 23,0 '... that are exact'
like "$out" '^ok a mutex' '... so they say'
in_it 30 "$programs/forbidden" hlt
is "$status,$out" 0,behind 'HLT waits for an interrupt'
in_it 30 "$programs/forbidden" msr
is "$status,$out" 139, 'an MSR that there is not: a fault, as in Linux'

# --- streams ----------------------------------------------------------------------

head -c 3000000 /dev/urandom >big
"$dive" --attach $socket $box cat <big | sha256sum >"$tap_dir/sum"
is "$(cat "$tap_dir/sum")" "$(sha256sum <big)" 'three megabytes through pipes'
"$dive" --attach $socket $box yes | head -n 1 >"$tap_dir/yes"
is "$(cat "$tap_dir/yes")" y 'a reader that goes away ends it'
(
	"$dive" --attach $socket $box cat <big
	echo $? >"$tap_dir/status"
) | (sleep 3; sha256sum) >"$tap_dir/sum"
is "$(cat "$tap_dir/status" "$tap_dir/sum")" "0
$(sha256sum <big)" 'a slow reader loses nothing'
in_it 30 $box cat <&-
is "$status" 0 'no standard input is an empty one'

# --- signals ----------------------------------------------------------------------

mkfifo fifo
"$dive" --attach $socket $box sh -c \
	'trap "echo caught; exit 5" USR1; echo ready; read x' <fifo >trapped &
pid=$!
exec 3>fifo
ok 'it waits' eventually grep -q ready trapped
kill -USR1 $pid
wait $pid
is "$?,$(tail -n 1 trapped)" '5,caught' '... and catches a signal'
"$dive" --attach $socket $box cat <fifo >nothing &
pid=$!
sleep 2
kill -HUP $pid
wait $pid
is $? 129 'a signal ends it'
"$dive" --attach $socket $box cat <fifo >nothing &
pid=$!
sleep 2
kill -KILL $pid
wait $pid 2>/dev/null
in_it 60 $box echo next
is "$status,$out" '0,next' 'who was killed leaves room for the next'
exec 3>&-

# --- a terminal ------------------------------------------------------------------

# typed PROGRAM...: what comes is typed on its terminal, $shown is what that shows.
typed() {
	status=0
	"$bed/build/programs/terminal" 31 97 "$dive" --attach $socket "$@" >shown ||
		status=$?
	shown=$(tr -d '\r' <shown)
}
typed $box stty size
is "$shown" '31 97' 'a terminal, and of which size'
typed $box sh -c 'read x; echo "<$x>"' <<E
word
E
like "$shown" '^<word>$' '... what is typed comes to it'
mkfifo keys
(typed $box sleep 1000; echo $status >typed.status) <keys &
pid=$!
(sleep 5; printf '\003'; sleep 5) >keys
wait "$pid"
is "$(cat typed.status)" 130 'Ctrl-C interrupts it'

# --- the end ----------------------------------------------------------------------

ok 'directories are served' test "$(daemons)" -ge 2
# shellcheck disable=SC2046 # words
kill -KILL $(pidof virtiofsd)
in_it 60 $box cat numbers
ok 'nobody serves them: a failure' test "$status" -gt 0
is "$out" '' '... and no data'
like "$(cat "$tap_dir/first.err")" '^dive: --share .*: I/O errors' '... so it says'
kill -TERM $keeper
wait $keeper
is $? 143 'a signal ends the VM when it is idle'
ok 'no daemon is left' eventually are_left 0
ok '... nor the socket' test ! -e $socket
in_it 5 $box true
is "$status" 125 'nobody to attach to'

run 120 "$dive" --mode hrt --timing "$minnow" -- \
	$box sh -c 'echo c >/proc/sysrq-trigger; read x'
is "$status" 125 'Linux panics'
like "$err" 'Linux beside the kernel ended, and .*busybox with it' '... so it says'
like "$err" '^program entered	ns	[0-9]+$' 'when its first instruction was'
diag "$(printf '%s\n' "$err" | grep ^program)"

run 120 "$dive" --mode hrt "$minnow" -- "$programs/forbidden" stop
is "$status,$out" 134, 'the only CPU is stopped'
like "$err" 'halted with interrupts off' '... so it says'

"$dive" --mode hrt "$minnow" -- $box sleep 1000 &
pid=$!
sleep 3
ok 'daemons of another one' test "$(daemons)" -ge 2
kill -KILL $pid
wait $pid 2>/dev/null
ok 'dive killed: no daemon is left' eventually are_left 0

done_testing
