#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signals reach the kernel or end it, as they do with any Unix filter.
. guest-tests/tap.sh
need_kvm

k=build/kernels
fifo=$tap_dir/fifo
silent=$tap_dir/silent
mkfifo "$fifo" "$silent"

# start COMMAND...: in the background, with the signals a terminal's job has
# (sh ignores SIGINT for background jobs) and a process group of its own.
start() {
	perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); setpgrp; exec @ARGV' \
		"$@" >"$tap_dir/out" 2>"$tap_dir/err" &
	pid=$!
}

# after_start: the vCPU runs when dive has blocked its signals.
after_start() {
	tries=100
	until grep -q '^SigBlk:.ffffff' "/proc/$pid/status" 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || break
		sleep 0.05
	done
	sleep 0.2
}

now_ms() { date +%s%3N; }

# finish WANT NAME [MOST_MS [LEAST_MS]]: the status, and how long it took.
finish() {
	finish_from=$(now_ms)
	status=0
	wait "$pid" 2>/dev/null || status=$?
	took=$(($(now_ms) - finish_from))
	is "$status" "$1" "$2: status $1"
	if [ $took -gt "${3:-8000}" ] || [ $took -lt "${4:-0}" ]; then
		fail "$2: in time"
		diag "$took ms"
	fi
}

# cpu_ticks: user and system time of the process, 1/100 s.
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }

for kernel in "$k/hostile-never.elf" "--cpus 2 $k/hostile-never.elf" \
	"--boot multiboot1 $k/hostile-never.elf"; do
	for signal in INT:130 TERM:143 HUP:129; do
		# shellcheck disable=SC2086 # words are meant
		start build/dive $kernel
		after_start
		kill -${signal%:*} $pid
		finish ${signal#*:} "${signal%:*}, $kernel"
	done
done

start sh -c 'trap "" HUP; exec build/dive build/kernels/hostile-never.elf'
after_start
kill -HUP $pid
sleep 0.5
ok 'nohup: a hangup that is ignored stays ignored' kill -0 $pid
kill -TERM $pid
finish 143 'nohup: and then SIGTERM'

# Somebody who never writes, and somebody who never reads.
sh -c 'exec sleep 900' >"$silent" &
sleepers=$!
sh -c 'exec sleep 900' <"$fifo" &
sleepers="$sleepers $!"

# What concerns nobody neither ends the run nor keeps it busy.
start sh -c "exec build/dive --json $k/polite.elf <$silent"
after_start
for signal in WINCH PIPE ALRM USR1 CHLD URG CONT; do
	kill -$signal $pid
done
sleep 0.2
before=$(cpu_ticks)
sleep 1
after=$(cpu_ticks)
ok "signals nobody asked for: $((after - before)) ticks of CPU time" \
	test $((after - before)) -lt 30

# A kernel that obeys: its own status counts. One that does not: two seconds.
kill -TERM $pid
finish 7 'a kernel that obeys'
like "$(cat "$tap_dir/err")" '"cause":"exit"' 'a kernel that obeys: it exits'
start sh -c "exec build/dive $k/polite.elf -- 1000000 >$fifo"
after_start
kill -TERM $pid
finish 143 'a kernel that does not listen has two seconds' 9000 1500
start sh -c "exec build/dive $k/polite.elf -- 1000000 >$fifo"
after_start
kill -TERM $pid
sleep 0.3
kill -INT $pid
finish 130 'or a second signal' 1900

# Output that nobody takes holds up no signal and no time limit.
for kernel in "$k/hostile-flood.elf" "--boot multiboot1 $k/hostile-flood.elf"; do
	start sh -c "exec build/dive $kernel >$fifo"
	after_start
	kill -TERM $pid
	finish 143 "output is blocked, $kernel"
	start sh -c "exec build/dive $kernel >$fifo 2>&1"
	after_start
	kill -INT $pid
	finish 130 "both outputs are blocked, $kernel"
	start sh -c "exec build/dive --timeout 1 $kernel >$fifo"
	finish 124 "--timeout and output is blocked, $kernel"
	start sh -c "exec build/dive --timeout 1 $kernel >$fifo 2>&1"
	finish 124 "--timeout and our own words are blocked, too, $kernel"
done
start sh -c "exec build/dive --timeout 9 $k/hostile-flood.elf >$fifo 2>&1"
after_start
sleep 1
kill -QUIT $pid
sleep 0.3
kill -TERM $pid
finish 143 'QUIT asks where it is, and nobody takes the answer' 4000
# shellcheck disable=SC2086 # words are meant
kill $sleepers
start build/dive --timeout 0.5 $k/hostile-never.elf
finish 124 '--timeout'

# Ctrl-Z and fg; SIGSTOP too.
for stop in TSTP STOP; do
	start build/dive --cpus 2 $k/hostile-never.elf
	after_start
	kill -$stop $pid
	sleep 0.3
	like "$(cat /proc/$pid/stat)" '^[0-9]+ \(dive\) T' "$stop stops it"
	before=$(cpu_ticks)
	sleep 0.3
	is "$(cpu_ticks)" "$before" "$stop: no CPU runs"
	kill -CONT $pid
	sleep 0.3
	like "$(cat /proc/$pid/stat)" '^[0-9]+ \(dive\) [RS]' 'CONT goes on'
	kill -TERM $pid
	finish 143 "after $stop and CONT"
done

start build/dive --cpus 2 $k/hostile-never.elf
after_start
kill -QUIT $pid
sleep 0.5
like "$(cat "$tap_dir/err")" 'CPU 0, RIP is in dive_main' 'QUIT asks where it is'
like "$(cat "$tap_dir/err")" 'CPU 1, RIP is ' 'of every CPU'
ok 'and the kernel runs on' kill -0 $pid
kill -TERM $pid
finish 143 'after QUIT'

# On a terminal: COM1 gets characters, Ctrl-C ends it, the mode comes back.
cat >"$tap_dir/terminal" <<'END'
trap : INT
stty -g >$1/before
(sleep 1.5; stty -g >$1/during) &
build/dive --boot multiboot1 --quiet build/kernels/echo.elf
echo "status $?"
stty -g >$1/after
build/dive --boot multiboot1 --quiet build/kernels/echo.elf </dev/tty &
sleep 1
stty -g >$1/again
kill -KILL $!
sleep 0.5
stty -g >$1/killed
END
out=$({ sleep 1; printf 'typed'; sleep 1.5; printf '\003'; sleep 3; } |
	SHELL=/bin/sh timeout 20 script -qec "sh $tap_dir/terminal $tap_dir" \
		/dev/null | tr -d '\r')
like "$out" '^typed' 'terminal: the kernel got what was typed, and echoed it once'
unlike "$out" 'typedtyped' 'terminal: the terminal did not'
like "$out" 'status 130' 'terminal: Ctrl-C'
before=$(cat "$tap_dir/before")
ok 'terminal: in character mode meanwhile' \
	test "$(cat "$tap_dir/during")" != "$before"
is "$(cat "$tap_dir/after")" "$before" 'terminal: restored'
ok 'terminal: in character mode again' \
	test "$(cat "$tap_dir/again")" != "$before"
is "$(cat "$tap_dir/killed")" "$before" 'terminal: restored after SIGKILL'
done_testing
