# SPDX-License-Identifier: Apache-2.0
# A program of the command line, from outside: as any other process.
# shellcheck shell=sh
. guest-tests/tap.sh

[ -e build/ros/initrd ] || skip_all "no default Linux: 'make ros' builds it"
[ -e /kernel/guest.cpio ] || skip_all 'this is not the test bed'
programs=$PWD/build/programs
split="$PWD/build/dive --mode hrt $PWD/build/kernels/minnow.elf --"

# wait_for WORD FILE: until it is there.
wait_for() {
	for _ in $(seq 100); do
		! grep -q "$1" "$2" || return 0
		sleep 1
	done
}

# A directory with nothing else in it; it is written to.
mkdir "$tap_dir/cwd"
cp build/programs/hello /bin/busybox "$tap_dir/cwd"
cd "$tap_dir/cwd" || exit 1

# shellcheck disable=SC2086 # words
run 100 $split "$PWD/hello" one 'two  words'
native=$("$PWD/hello" one 'two  words' 2>native.err)
is "$status" 42 'a program of this directory: its status'
is "$out" "$native" '... it has said what it says in Linux'
is "$err" "$(cat native.err)" '... and nobody says anything else'

# shellcheck disable=SC2086 # words
run 100 $split ./no-such-program
is "$status" 127 'a program that there is not'
like "$err" 'no-such-program' '... it is named'

# What a process has from its parent.
cat >script <<'E'
pwd
umask
echo "$VARIABLE, $#: $*"
read -r line
echo "got $line" >&2
: >made
exit 42
E
umask 027
export VARIABLE=value
run 100 sh -c "echo input | $split ./busybox sh script one 'two  words'"
is "$status" 42 'a shell: its status'
is "$out" "$PWD
0027
value, 2: one two  words" '... its directory, umask, variables and words'
is "$err" 'got input' '... its input and errors'
is "$(stat -c %a made 2>&1)" 640 '... what it made is here'

head -c 3000000 /dev/urandom >large
run 200 sh -c "$split ./busybox cat <large | sha256sum"
is "$out" "$(sha256sum <large)" 'bytes pass as they are, a lot of them'

run 100 sh -c "$split ./busybox yes | head -n 1; echo done"
is "$out" 'y
done' 'a program whose reader goes away ends'

mkfifo silent
sleep 200 >silent &
sleeper=$!
# shellcheck disable=SC2086 # words
$split ./busybox sh -c 'echo up; read -r line' <silent >signalled 2>&1 &
pid=$!
wait_for up signalled
kill -TERM $pid
status=0
wait $pid || status=$?
kill $sleeper
is "$status" 143 'a signal ends the program, and dive as that was ended'

# A terminal: ^C, typed there, is a signal.
run 100 "$programs/terminal" 44 132 sh -c "
	$split ./busybox stty size"
is "$status" 0 'on a terminal'
like "$(tr -d '\r' <"$tap_dir/out")" '^44 132$' '... the program has one as large'
{
	wait_for up "$tap_dir/out"
	printf '\003'
} | run 100 "$programs/terminal" 44 132 sh -c "
	$split ./busybox sh -c \
		'test -t 0 && test -t 1 && echo up >&2; read -r line'
	echo status \$?"
like "$(tr -d '\r' <"$tap_dir/out")" 'status 130$' '... which is interrupted there'

cd / || exit 1
done_testing
