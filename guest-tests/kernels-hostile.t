#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The hostile kernels: each ends as documented and harms nobody.
. guest-tests/tap.sh
need_kvm

# hostile NAME STATUS OUTPUT REPORT [option...]: output and report are regular
# expressions, "" for no output. Memory is bounded: guest 16 MiB, all 96 MiB.
hostile() {
	name=$1; want=$2; output=$3; report=$4; shift 4
	run 30 sh -c 'ulimit -v 98304; exec "$@"' sh build/dive --mem 16M \
		--timeout 10 "$@" "build/kernels/hostile-$name.elf"
	is "$status" "$want" "$name ends with $want"
	if [ -n "$output" ]; then
		like "$out" "$output" "$name: output"
	else
		is "$out" '' "$name: no output"
	fi
	like "$err" "$report" "$name: report"
}

hostile triple 134 '' 'triple fault'
hostile null 134 '' 'write to 0x120'
hostile stray 134 '' 'write to 0x7f1234567000'
hostile stack 134 '' 'stack overflow|guard page|below the stack'
hostile nx 134 '' 'does not allow'
hostile readonly 0 '^unchanged' ''
hostile readonly 134 '' 'where nothing is' --strict
hostile hole 0 '^6 holes' ''
hostile hole 134 '' 'where nothing is' --strict
hostile torn 0 '^torn' ''
hostile torn 134 '' 'write of 1 bytes to address 0xd0001fff, where nothing is' --strict
hostile ports 0 '^done' ''
hostile ports 134 '' 'where nothing is' --strict
hostile ring 0 '^before' 'ring'
hostile sizes 3 '^still here' ''
echo 'enough for every read' >"$tap_dir/in"
hostile control 4 '^vector ffffffff' '' <"$tap_dir/in"
hostile halt 134 '^good night' 'interrupts off'
hostile eof 3 '^before' ''
hostile nested 0 '^no hypervisor' ''
hostile never 124 '' 'RIP was in dive_main' --timeout 2
hostile flood 124 '^!' '^!' --timeout 2
hostile pump 124 '' '' --timeout 2 --cpus 2
hostile mailbox 134 '' '0x123456789000' --cpus 2
like "$err" 'cpu 1$' 'mailbox: the report is about the other CPU'
hostile ap 5 '^x|^$' '' --cpus 2

truncate -s 64K "$tap_dir/disk"
hostile virtio 0 '^17 tricks, 0 worked' 'the kernel broke queue 0 of virtio-blk' \
	--disk "$tap_dir/disk"

hostile board 0 '^all of it' '' --boot pvh --timeout 30 </dev/zero
hostile pci 0 '^2 functions, 0 tricks worked' '' --boot pvh --rng \
	--disk "$tap_dir/disk" --timeout 30
# Input without end; what the kernel says itself comes from COM1.
hostile console 0 '^\.{14}$' '^14 tricks, 0 worked' --boot pvh \
	--virtio mmio --virtio-console </dev/zero

# A shared directory, with the real daemon: it may end of what the kernel does,
# requests are answered all the same. All tricks, then each with a fresh daemon.
if [ -x /usr/lib/qemu/virtiofsd ] || [ -x /usr/libexec/virtiofsd ]; then
	mkdir "$tap_dir/shared"
	for trick in '' a b c d e f g h i j k l m n o p q r s t; do
		run 60 build/dive --mem 16M --timeout 40 \
			--share "$tap_dir/shared" build/kernels/hostile-fs.elf \
			$trick
		is "$status" 0 "fs $trick: each request has an answer"
		unlike "$out" '^no answer' "fs $trick: output"
	done
else
	skip 'fs' 'there is no virtiofsd'
fi

# A disk that somebody makes shorter while the kernel reads it.
truncate -s 1M "$tap_dir/short"
mkfifo "$tap_dir/go"
build/dive --mem 16M --timeout 30 --disk "$tap_dir/short" \
	build/kernels/hostile-shrink.elf >"$tap_dir/shrunk" 2>"$tap_dir/err" \
	<"$tap_dir/go" &
victim=$!
exec 3>"$tap_dir/go"
tries=0
until grep -q reading "$tap_dir/shrunk" || [ $tries -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
truncate -s 512K "$tap_dir/short"
echo shorter >&3
exec 3>&-
code=0
wait $victim || code=$?
is "$code" 0 'shrink: ends with 0'
is "$(cat "$tap_dir/shrunk")" 'reading
2048 sectors, 1024 of them gone' 'shrink: what is gone is an I/O error'
is "$(stat -c %s "$tap_dir/short")" 524288 'shrink: reading makes no file longer'

# in_time NAME STATUS COMMAND...: ends with STATUS within 8 s.
in_time() {
	name=$1; want=$2; shift 2
	begin=$(date +%s)
	run 60 "$@"
	is "$status" "$want" "$name: ends with $want"
	ok "$name: in time" [ $(($(date +%s) - begin)) -le 8 ]
}

# All that a device takes at once: the time limit is none of its business.
long=build/kernels/hostile-long.elf
truncate -s 512M "$tap_dir/large"
in_time 'long disk' 124 build/dive --mem 16M --timeout 2 \
	--disk "$tap_dir/large" $long disk
console='--boot pvh --virtio mmio --virtio-console --mem 16M'
in_time 'long console' 124 sh -c \
	"exec build/dive $console --timeout 2 $long console >/dev/null"

# Output that nobody takes costs no CPU time, and signals come through.
mkfifo "$tap_dir/blocked"
# shellcheck disable=SC2217 # whoever has it open is a reader
sleep 20 <"$tap_dir/blocked" &
reader=$!
# shellcheck disable=SC2086 # words are meant
build/dive $console --timeout 30 $long console >"$tap_dir/blocked" 2>/dev/null &
victim=$!
sleep 3
ticks=$(awk '{ print $14 + $15 }' "/proc/$victim/stat")
ok "blocked output: $ticks ticks of the CPU" [ "$ticks" -lt 100 ]
kill -TERM $victim
code=0
{ wait $victim || code=$?; } 2>/dev/null
is "$code" 143 'blocked output: SIGTERM ends it'
kill $reader

# Back pressure: the reader takes 100 bytes and is slow.
run 20 sh -c 'build/dive --mem 16M --timeout 10 --quiet \
	build/kernels/hostile-flood.elf 2>/dev/null | { sleep 1; head -c 100; }'
is "$out" "$(printf '%0100d' 0 | tr 0 '!')" 'flood: a slow reader gets all'

# Killed at some moment, nothing stays behind.
for delay in 0.01 0.05 0.2; do
	build/dive build/kernels/hostile-never.elf >/dev/null 2>&1 &
	victim=$!
	sleep $delay
	kill -KILL $victim
	wait $victim 2>/dev/null
	sleep 1
	is "$(ps -o pid= --ppid $victim; ps -o pid= -p $victim)" '' \
		"killed after $delay s: no process is left"
done
done_testing
