#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A kernel writes records, flushes after each, then says its number: whenever
# dive is killed, what was said is in the file. Each way that dive uses files.
# (What a machine loses that loses power: testbed/powercut.sh.)
. guest-tests/tap.sh
need_kvm

# rings PID: how many it has open.
rings() {
	for fd in /proc/"$1"/fd/*; do readlink "$fd"; done | grep -c io_uring
}

# killed_once: dive dies up to 1 s after the first record; sets said, ring.
# What stands in $strace runs it.
killed_once() {
	rm -f "$tap_dir/disk" # or an earlier round's records were found
	truncate -s 8M "$tap_dir/disk"
	: >"$tap_dir/said"
	$strace build/dive --quiet --disk "$tap_dir/disk" \
		build/kernels/blk.elf -- journal >"$tap_dir/said" 2>"$tap_dir/err" &
	victim=$!
	for _ in $(seq 100); do
		[ ! -s "$tap_dir/said" ] || break
		sleep 0.1
	done
	ring=$(rings $victim)
	sleep 0."$(od -A n -N 2 -t u2 /dev/urandom | tr -d ' ')"
	kill -KILL $victim
	wait $victim 2>/dev/null
	# The last line may be half a number.
	said=$(sed '$d' "$tap_dir/said" | tail -n 1)
}

# rounds HOW RINGS
rounds() {
	for round in 1 2 3 4 5; do
		killed_once
		is "$ring" "$2" "$1, round $round: $2 io_uring"
		ok "$1, round $round: something was durable (${said:-nothing})" \
			test "${said:-0}" -gt 0
		run 30 build/dive --timeout 20 --quiet --disk "$tap_dir/disk:ro" \
			build/kernels/blk.elf -- "check ${said:-0}"
		is "$status $out" '0 ' "$1, round $round: all of it is in the file"
	done
}

strace=
case $(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null) in
0 | '') rounds 'io_uring' 1 ;;
*) skip 'io_uring' 'it is forbidden here' ;;
esac
if command -v strace >/dev/null; then
	strace='strace -D -f -o /dev/null -e trace=io_uring_setup
		-e inject=io_uring_setup:error=EPERM'
	rounds 'without io_uring' 0
else
	skip 'without io_uring' 'there is no strace'
fi
done_testing
