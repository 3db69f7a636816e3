#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Minnow (hrt/kernel): its prompt, its commands, its own tests, a fault.
. guest-tests/tap.sh
need_kvm

# minnow WANTED_STATUS NAME [options] [-- command]
minnow() {
	want=$1; name=$2; shift 2
	run 60 build/dive --timeout 50 "$@"
	is "$status" "$want" "$name: status $want"
}

k=build/kernels/minnow.elf

# --- the prompt ---------------------------------------------------------------
printf 'help\n\nnonsense\n  sleep   0 \nexit 9\nhelp\n' >"$tap_dir/in"
minnow 9 prompt $k <"$tap_dir/in"
is "$(printf '%s\n' "$out" | grep -o 'minnow> ' | wc -l)" 5 \
	'prompt: once for each line'
is "$(printf '%s\n' "$out" | grep -c 'list the commands$')" 1 \
	'prompt: help, and nothing behind exit'
like "$out" 'nonsense: no such command' 'prompt: an unknown command'
printf 'nonsense' >"$tap_dir/in"
minnow 127 'end of the input' $k <"$tap_dir/in"
minnow 0 'no input at all' $k

# --- one command --------------------------------------------------------------
minnow 0 help $k -- help
for command in help memory threads cpus time sleep test crash exit; do
	like "$out" "^$command " "help: $command"
done
minnow 0 memory --mem 64M@1536M $k -- memory
like "$out" '^memory +000060000000-000063ffffff +65536 KiB' 'memory: what there is'
like "$out" '^6[0-9]{4} of 65536 KiB are free' 'memory: what is free'
minnow 0 threads --cpus 2 $k -- threads
is "$(printf '%s\n' "$out" | grep -c 'idle .* [01]! ')" 2 'threads: one idle per CPU'
like "$out" 'shell +0! running' 'threads: the shell'
minnow 0 'threads 8' --cpus 2 $k -- threads 8
is "$(printf '%s\n' "$out" | grep -c '^worker [1-8]: [1-9][0-9]* rounds')" 8 \
	'threads 8: all of them worked'
# A busy host may not run both CPUs at the same time.
for n in 1 2 3 4 5; do
	on=$(printf '%s\n' "$out" | sed -n 's/.* on CPU //p' | sort -u | tr '\n' ' ')
	[ "$on" != '0 1 ' ] || break
	run 60 build/dive --timeout 50 --cpus 2 $k -- threads 8
done
is "$on" '0 1 ' 'threads 8: on both CPUs'
minnow 0 cpus --cpus 3 $k -- cpus
is "$(printf '%s\n' "$out" | grep -Ec '^ +[0-2] +[0-2] +[0-9]+ +[0-9]+$')" 3 \
	'cpus: a line for each'
minnow 0 time $k -- time
like "$out" '^[0-9]+\.[0-9]{9} s since the start$' 'time: the clock'
start=$(date +%s%N)
minnow 0 sleep $k -- sleep 1
ok 'sleep: for a second' [ $(($(date +%s%N) - start)) -ge 1000000000 ]
minnow 77 exit $k -- exit 77
for words in 'sleep' 'sleep x' 'sleep 1 2' 'exit 256' 'threads 1000000' 'crash x'; do
	# shellcheck disable=SC2086 # words are meant
	minnow 2 "$words" $k -- $words
	like "$out" '^usage: ' "$words: says how"
done
minnow 127 nonsense $k -- nonsense

# --- its own tests ------------------------------------------------------------
for how in '--cpus 1' '--cpus 4' '--cpus 2 --cpu -x2apic' '--cpus 2 --mem 64M@4G'; do
	# shellcheck disable=SC2086 # words are meant
	minnow 0 "test $how" $how $k -- test
	like "$out" '^1\.\.[1-9][0-9]$' "test $how: all of them"
	unlike "$out" '^not ok' "test $how: none failed"
done
minnow 4 'test without memory' --mem 4M $k -- test ram heap page flush
is "$(printf '%s\n' "$out" | grep -c '^not ok')" 4 'test: a failure is reported'
minnow 1 'test of nothing' $k -- test nonsense

# --- a fault ------------------------------------------------------------------
minnow 134 crash --cpus 2 $k -- crash
like "$err" 'page fault \(#PF\): write to 0x8, which is not mapped' \
	'crash: the address'
like "$err" '^at: .* crash\+0x[0-9a-f]+ \(hrt/kernel/commands\.c:[0-9]+\)' \
	'crash: function and line'
like "$err" '#[1-9] .* run_line\+' 'crash: who called it'
minnow 134 'crash stack' $k -- crash stack
like "$err" 'likely cause: stack overflow' 'crash stack: the cause'
like "$err" '^at: .* recurse\+' 'crash stack: the function'

# --- again and again ----------------------------------------------------------
good=0
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	run 60 build/dive --quiet --timeout 50 --cpus $((n % 4 + 1)) $k -- exit $n
	[ "$status" != $n ] || good=$((good + 1))
done
is "$good" 20 '20 boots in a row'
done_testing
