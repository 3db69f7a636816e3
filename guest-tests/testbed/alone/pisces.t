# SPDX-License-Identifier: Apache-2.0
# Mode pisces: the same kernel files as in fullvm, on CPUs and memory of the
# bed's Linux, and all of it comes back. pisces.sh runs this.
# shellcheck shell=sh
. guest-tests/tap.sh
grep -q 'memmap=256M' /proc/cmdline ||
	{ echo '1..0 # SKIP pisces.sh runs this: it boots Linux for it'; exit; }

k=build/kernels
pisces="build/dive --mode pisces --trust --timeout 60 --mem 64M"

# whole NAME: Linux has all it had, and uses it.
whole() {
	is "$(cat /sys/devices/system/cpu/online) $(ls /run/dive)" '0-2 lock' "$1"
}

# same NAME WANTED_STATUS [options] KERNEL [words], input is $tap_dir/in: the
# file gives the same output and status in both modes.
same() {
	name=$1 want=$2
	shift 2
	run 60 build/dive --mem 64M "$@" <"$tap_dir/in"
	fullvm="$status $(md5sum <"$tap_dir/out")"
	# shellcheck disable=SC2086 # words are meant
	run 60 $pisces "$@" <"$tap_dir/in"
	is "$status $(md5sum <"$tap_dir/out")" "$fullvm" "$name: as in fullvm"
	is "$status" "$want" "$name: returns $want"
}

: >"$tap_dir/in"
same hello 0 $k/hello.elf
is "$out" hello 'hello says hello'
same args 3 $k/args.elf -- one 'two  three'
same exit 119 $k/exit.elf -- 119
same timer 0 $k/timer.elf
same 'smp with 2 CPUs' 0 --cpus 2 $k/smp.elf
whole 'everything is given back'

head -c 3000001 /dev/urandom >"$tap_dir/in"
same echo 0 $k/echo.elf
ok 'echo: byte-exact' cmp "$tap_dir/in" "$tap_dir/out"
same sum 0 $k/sum.elf
# shellcheck disable=SC2086 # words are meant
is "$(build/dive $k/echo.elf <"$tap_dir/in" | $pisces $k/echo.elf | $pisces $k/sum.elf)" "$out" \
	'a pipe of a virtual machine and two partitions'

# Every promise of the contract, at two addresses.
printf 'conform\n' >"$tap_dir/in"
for mem in 64M 32M@0x58000000; do
	run 60 build/dive --mode pisces --trust --cpus 2 --mem $mem \
		$k/conform.elf -- one two <"$tap_dir/in"
	is "$status" 0 "conform with $mem returns 0"
	unlike "$out" '^not ok' '... every promise is kept'
	like "$out" '^1\.\.[1-9]' '... to the end'
done

# An exception is a report: it differs in addresses.
run 60 build/dive --mem 64M $k/crash.elf
# But for what only a virtual machine sees.
crash() {
	sed -E 's/0x[0-9a-f]+|\b[0-9a-f]{16}\b|cr3 [0-9a-f]+/X/g' "$tap_dir/err" |
		grep -vE '^(  gdt |page walk |last exits|  doorbell )'
}
crash >"$tap_dir/fullvm"
# shellcheck disable=SC2086 # words are meant
run 60 $pisces $k/crash.elf
is "$status" 134 'a crash ends with 134'
like "$err" 'write to 0x0' '... and is told'
is "$(crash)" "$(cat "$tap_dir/fullvm")" '... as in fullvm, but for addresses'

# Time, signals.
run 60 build/dive --mode pisces --trust --mem 64M --timeout 0.5 $k/hostile-never.elf
is "$status" 124 'a kernel that does not end is ended'
like "$err" 'stopped after --timeout 0.500 s, RIP was in dive_main' '... where it was'
whole 'everything is given back again'

# start COMMAND...: in the background, until it has said something; its input
# is that of somebody who types nothing.
start() {
	: >"$tap_dir/far"
	"$@" <"$tap_dir/never" >"$tap_dir/far" 2>&1 &
	pid=$!
	i=0
	until [ -s "$tap_dir/far" ] || [ $i -ge 200 ]; do usleep 50000; i=$((i + 1)); done
}
# finish: its status.
finish() {
	status=0
	wait $pid || status=$?
}
mkfifo "$tap_dir/never"
sleep 1000 >"$tap_dir/never" &
sleeper=$!

# shellcheck disable=SC2086 # words are meant
start $pisces $k/polite.elf -- 5
kill -TERM $pid
finish
is "$status" 7 'a kernel that obeys a request to end leaves with 7'
# shellcheck disable=SC2086 # words are meant
start $pisces $k/ticks.elf
# A second partition while the first one counts, and no third.
run 60 build/dive --mode pisces --trust --mem 64M $k/hello.elf
is "$status $out" '0 hello' 'two partitions at once'
run 60 build/dive --mode pisces --trust --cpus 2 --mem 64M $k/hello.elf
is "$status" 125 'CPUs that another one has are not given'
like "$err" 'Linux can give 1 CPUs .*, not 2' '... the reason'
run 60 build/dive --mode pisces --trust --mem 256M $k/hello.elf
is "$status" 125 'nor is its memory'
like "$err" 'boot it with memmap=262144K.0x[1-9a-f][0-9a-f]*' '... what to do'

# Killed: the kernel runs on until somebody gives its CPU back.
kill -KILL $pid
finish
is "$(cat /sys/devices/system/cpu/online)" 0-1 'a dive that was killed leaves a CPU away'
run 60 build/diver partition release --all
is "$status $out" '0 1 partition given back' 'diver partition release --all'
whole 'gives it back'
is "$(taskset 4 sh -c 'cut -d " " -f 39 /proc/self/stat')" 2 'Linux runs on it'
is "$(dd if=/dev/mem bs=1M skip=1280 count=64 2>/dev/null | tr -d '\000' | wc -c)" \
	0 'no byte is left in its memory'

# The same by the next start.
# shellcheck disable=SC2086 # words are meant
start $pisces --cpus 2 $k/ticks.elf
kill -KILL $pid
finish
run 60 build/dive --mode pisces --trust --cpus 2 --mem 64M $k/smp.elf
is "$status" 0 'the next start takes what a killed one had'
whole 'and gives it back'
kill $sleeper
done_testing
