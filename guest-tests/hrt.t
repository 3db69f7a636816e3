#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two machines in one process: a kernel, and what stands in for Linux.
. guest-tests/tap.sh
need_kvm

k=build/kernels
fifo=$tap_dir/fifo
mkfifo "$fifo"

# split SECONDS ROS OPTION...: run of tap.sh, with a machine beside the kernel.
split() {
	split_seconds=$1 split_ros=$2
	shift 2
	run "$split_seconds" build/dive --mode hrt --ros "$split_ros" "$@"
}

# --- whose end it is ----------------------------------------------------------

run 20 build/dive --mode hrt --ros $k/ticks.elf $k/echo.elf <"$k/hello.elf"
is "$status" 0 'the kernel ends, and dive with it'
ok '... its data are what they are alone' cmp -s "$tap_dir/out" "$k/hello.elf"
is "$err" '' '... of the other one nothing is seen'
split 20 $k/ticks.elf --exit-ok 7 $k/own-mb2.elf arguments
is "$status" 0 'a foreign kernel beside it: status'
like "$out" '^own kernel, arguments: .*arguments' '... its serial port'
split 20 $k/hostile-never.elf --hrt-cpus 2 --ros-cpus 3 --hrt-mem 32M \
	--ros-mem 24M $k/smp.elf
is "$status" 0 'each has CPUs of its own'
like "$out" '^2 cpus' '... as many as it was given'
split 20 "$k/hostile-solo5.elf n" --json $k/hostile-never.elf
is "$status" 255 'the machine beside it ends first: its status'
like "$err" '"machine":"ros"' '... and JSON says so'
split 20 $k/hostile-triple.elf $k/hostile-never.elf
is "$status" 134 'the machine beside it crashes: status'
like "$err" '^dive: Linux beside the kernel ended:$' '... whose crash it is'
like "$err" '^dive: kernel crashed: triple fault' '... which crash'
split 20 $k/ticks.elf $k/hostile-triple.elf
is "$status" 134 'the kernel crashes: status'
unlike "$err" 'Linux' '... Linux does not'
like "$err" 'dive_main.*hostile-triple/main.c' '... where, after a second run'
split 20 $k/ticks.elf --timeout 1 $k/hostile-never.elf
is "$status" 124 'the time limit is of both'

# --- whose console --------------------------------------------------------------

printf 'a\nb\n' >"$tap_dir/ab"
run 20 build/dive --mode hrt --console ros --ros $k/echo.elf \
	$k/hostile-never.elf <"$tap_dir/ab"
is "$out" "$(cat "$tap_dir/ab")" '--console ros: stdin and stdout are its'
split 20 $k/hostile-never.elf --console ros $k/hello.elf
is "$out,$err" ',hrt: hello' '... the kernel is on stderr, marked'
split 20 $k/hello.elf --console both $k/hostile-never.elf
is "$out,$err" ',ros: hello' '--console both: it is the other way round'
split 20 $k/hostile-never.elf --console both $k/hello.elf
is "$out,$err" 'hello,' '... the kernel on stdout'
split 20 $k/hostile-never.elf --console both --boot pvh $k/hello.elf
is "$out" 'hello' '... a PC, too'
split 20 "$k/args.elf a b" --console both $k/hostile-never.elf
is "$err" "ros: 1: a
ros: 2: b" '--ros FILE with arguments; each line is marked'

# --- both run, signals reach the kernel ------------------------------------------

# begin OPTION...: in the background, as a terminal would, stdin held open.
begin() {
	perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); setpgrp; exec @ARGV' \
		build/dive --mode hrt "$@" <"$fifo" \
		>"$tap_dir/out" 2>"$tap_dir/err" &
	pid=$!
	exec 3>"$fifo"
}

# end WANT NAME
end() {
	exec 3>&-
	status=0
	wait "$pid" 2>/dev/null || status=$?
	is "$status" "$1" "$2: status $1"
}

# lines FILE: how many there are.
lines() { wc -l <"$1"; }

begin --console both --ros $k/ticks.elf $k/polite.elf
echo begin >&3
sleep 3
before=$(lines "$tap_dir/err")
ok 'Linux ticks while the kernel sleeps' [ "$before" -ge 5 ]
like "$(cat "$tap_dir/out")" '^begin$' '... and the kernel serves its input'
kill -INT $pid
end 7 'SIGINT asks the kernel to end'
for signal in INT:130 TERM:143 HUP:129; do
	begin --ros $k/ticks.elf --ros-cpus 2 --cpus 2 $k/hostile-never.elf
	sleep 1
	kill -"${signal%:*}" $pid
	end "${signal#*:}" "SIG${signal%:*}, a kernel that does not listen"
done
begin --console ros --ros $k/polite.elf $k/ticks.elf
echo begin >&3
sleep 1
kill -QUIT $pid
sleep 1
like "$(cat "$tap_dir/err")" '^dive: CPU 0, RIP is ' 'SIGQUIT: where it is'
exec 3>&-
end 0 'end of input ends the machine that reads it'
like "$(cat "$tap_dir/out")" '^begin$' '... after it was served'

# --- what is refused ----------------------------------------------------------------

run 5 build/dive --mode hrt $k/hello.elf
is "$status,$err" '125,dive: --mode hrt needs a Linux: write --ros KERNEL' \
	'no Linux'
run 5 build/dive --ros x $k/hello.elf
is "$status" 125 '--ros without --mode hrt'
split 5 $k/hello.elf --repeat 3 $k/hello.elf
is "$status" 125 '--repeat'
split 5 /none $k/hello.elf
is "$status" 125 'no such Linux: not the status of a kernel that is missing'
like "$err" '^dive: --ros: /none: No such file' '... whose file it is'
split 5 Makefile $k/hello.elf
is "$status" 125 'no kernel at all as Linux'
split 5 $k/hello.elf /none
is "$status" 127 'no such kernel'
split 5 $k/hello.elf Makefile
is "$status" 126 'no kernel at all'

# --- confinement ---------------------------------------------------------------------

if command -v strace >/dev/null &&
	strace -o "$tap_dir/trace" true 2>/dev/null; then
	run 60 strace -f -o "$tap_dir/trace" build/dive --mode hrt \
		--console both --ros $k/ticks.elf --timeout 2 $k/hostile-never.elf
	is "$status" 124 'under strace'
	like "$(cat "$tap_dir/trace")" 'timer_settime' '... Linux has a timer'
	unlike "$(cat "$tap_dir/trace")" 'EPERM' '... no system call is denied'
	is "$(grep -c 'seccomp(' "$tap_dir/trace")" 1 '... confined once'
else
	skip 'no system call is denied' 'no strace here'
fi

done_testing
