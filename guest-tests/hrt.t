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
split 20 $k/hostile-never.elf --pin 1,0 $k/hello.elf
is "$status,$out" '0,hello' '--pin: host CPUs of both'
split 20 $k/hostile-never.elf --pin 0,4000 $k/hello.elf
is "$status" 125 '... a CPU that is not there, for Linux: status'
like "$err" 'cannot run on host CPU 4000' '... which'
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

# --- the kernel is booted again, Linux runs on ------------------------------------

split 120 $k/ticks.elf --console both --hrt-reboots 20 --json $k/hostile-triple.elf
is "$status" 134 'a triple fault, and 20 more: the status of the last'
like "$err" '"reboots":20,' '... 20 reboots'
# Of due ticks a busy host makes some late, and KVM makes several late ones one.
ticks=$(sed -n 's/^ros: \([0-9]*\) of .*/\1/p' "$tap_dir/err" | tail -n 1)
due=$(sed -n 's/^ros: .* of //p' "$tap_dir/err" | tail -n 1)
ok '... meanwhile Linux ticks' [ "${ticks:-0}" -gt 20 -a \
	"${due:-9999}" -lt $((${ticks:-0} * 3)) ]
diag "$ticks ticks of $due"
split 120 $k/ticks.elf --hrt-reboots 100 --boot pvh --timing $k/reset.elf
is "$status" 0 'a PC that resets itself, and 100 times more'
is "$(grep -c '^up$' "$tap_dir/out")" 101 '... each boot is a whole one'
like "$err" '^100 reboots, in us: least [0-9]+, mean' '... their time is told'
is "$(grep -c '^dive: the kernel is booted again: reset$' "$tap_dir/err")" 100 \
	'... and each of them'
split 20 $k/ticks.elf --hrt-reboots 1 $k/crash.elf panic
like "$err" '^dive: the kernel is booted again: panic: asked to: panic$' \
	'... with its reason'
split 20 $k/ticks.elf --hrt-reboots 1 --quiet $k/crash.elf panic
unlike "$err" 'booted again' '... if that is wanted'
diag "$(grep reboots "$tap_dir/err")"
split 20 $k/ticks.elf --hrt-reboots 9 --json $k/exit.elf 3
is "$status" 3 'a kernel that ends is not booted again'
like "$err" '"reboots":0[,}]' '... not once'
split 20 $k/ticks.elf --hrt-reboots 100000 --timeout 1 $k/hostile-triple.elf
is "$status" 124 'the time limit is for all boots together'
split 20 "$k/hostile-solo5.elf n" --hrt-reboots 100000 --json \
	$k/hostile-triple.elf
is "$status" 255 'Linux ends while the kernel is booted again and again'

# The most descriptors and KiB of a while: between two boots there is less.
most() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		sleep 0.15
		echo "$(find /proc/$pid/fd -type l | wc -l)" \
			"$(awk '/^VmRSS/ { print $2 }' /proc/$pid/status)"
	done | awk '{ if ($1 > f) f = $1; if ($2 > k) k = $2 }
		END { print f "," k }'
}

begin --ros $k/ticks.elf --hrt-reboots 100000 $k/hostile-triple.elf
sleep 1
first=$(most)
first_fds=${first%,*} first_kb=${first#*,}
sleep 4
last=$(most)
last_fds=${last%,*} last_kb=${last#*,}
ok 'no descriptor is left behind' [ "$last_fds" -le $((first_fds + 6)) ]
ok 'no memory is left behind' [ "$last_kb" -le $((first_kb + 1024)) ]
diag "$first_fds to $last_fds descriptors, $first_kb to $last_kb KiB"
kill -INT $pid
end 130 'SIGINT in the midst of it'

# --- the window -------------------------------------------------------------------

split 60 "$k/window.elf 300" --window 4M --console both $k/window.elf
is "$status" 0 'both see the same memory'
is "$out" '300 answers' '... the kernel is woken 300 times, none is lost'
like "$err" '^ros: 300 rounds' '... and so is the other one'
like "$err" '^window of 4194304 bytes at 0x100000000, found 0x0$' \
	'... it lies above all memory, and is zero'
diag "$(grep rounds "$tap_dir/err")"
split 60 $k/window.elf --window 2M --console both --mem 5G --cpus 2 \
	$k/window.elf 100
like "$err" '^ros: window .* at 0x180000000' '... above that of the larger'
is "$status" 0 '... whoever asks'
printf 'conform\n' >"$tap_dir/in"
run 120 build/dive --mode hrt --ros $k/ticks.elf --window 2M --cpus 2 \
	$k/conform.elf -- one two <"$tap_dir/in"
is "$status" 0 'the conformance kernel beside another'
unlike "$out" '^not ok' '... every promise is kept'
is "$(printf '%s\n' "$out" | grep -c '^ok .* - 5\.6')" 3 \
	'... those about the window, too'
split 20 $k/ticks.elf --window 2M --hrt-reboots 3 --json $k/hostile-triple.elf
is "$status" 134 'a window and reboots'
run 5 build/dive $k/window.elf
is "$status,$out" '1,no window' 'alone there is none'
split 5 $k/hello.elf --window 3M $k/hello.elf
is "$status" 125 'a window is of whole pages of 2 MiB'
split 5 $k/hello.elf --window 2M --exit-ok 255 $k/hostile-solo5.elf n
is "$status" 126 'a Solo5 kernel has none'

# --- what is refused ----------------------------------------------------------------

cp build/dive "$tap_dir/dive"
run 5 "$tap_dir/dive" --mode hrt $k/hello.elf
is "$status" 125 'no Linux beside dive'
like "$err" "/ros/vmlinux: 'make ros' builds it" '... what to do'
mkdir "$tap_dir/ros"
: >"$tap_dir/ros/vmlinux"
: >"$tap_dir/ros/initrd"
run 5 "$tap_dir/dive" --mode hrt $k/hello.elf -- word
is "$status" 125 'a Linux that is none'
like "$err" '^dive: --ros: .*/ros/vmlinux' '... which'
run 5 "$tap_dir/dive" --mode hrt /none -- word
is "$status" 127 'no such kernel for a program'
run 5 build/dive --ros x $k/hello.elf
is "$status" 125 '--ros without --mode hrt'
split 5 $k/hello.elf --repeat 3 $k/hello.elf
is "$status" 125 '--repeat'
split 5 $k/hello.elf --hrt-reboots 1 --disk Makefile $k/hello.elf
is "$status" 125 '--hrt-reboots with what cannot be opened again'
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
	run 20 strace -f -o "$tap_dir/trace" \
		-e inject=fcntl:error=EMFILE:when=3+ build/dive --mode hrt \
		--ros $k/ticks.elf --hrt-reboots 9 $k/reset.elf
	is "$status" 125 'a reboot that fails ends both'
	like "$err" '^dive: booting the kernel again: .*Too many open files' \
		'... and is told of'
else
	skip 'no system call is denied' 'no strace here'
fi

done_testing
