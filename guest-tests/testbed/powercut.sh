#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A host that loses power while a kernel writes records and says which are
# durable: what was said is on the disk. The host is the bed, which is reset
# with all of its page cache; its /share is the disk. Prints TAP.
cd "$(dirname "$0")/../.." || exit 1
. guest-tests/tap.sh

# missing FILE LAST: records 0..LAST of kernels/blk that are not in the file.
missing() {
	perl -e 'open my $f, "<", $ARGV[0] or die; binmode $f;
		for my $n (0 .. $ARGV[1]) {
			my $want = join "", map {
				chr(($n * 167 + $_ * 13 + ($_ >> 8)) & 255) } 0 .. 511;
			read $f, my $got, 512;
			$bad++ if $got ne $want;
		}
		print $bad + 0' "$1" "$2"
}

# power_cut NAME DISABLED RINGS: DISABLED is for the bed's io_uring_disabled.
power_cut() {
	rm -rf "$tap_dir/share" "$tap_dir/kept"
	mkdir "$tap_dir/share" "$tap_dir/kept"
	truncate -s 8M "$tap_dir/share/disk"
	truncate -s 64K "$tap_dir/share/control"
	# Nothing is written back but by who asks for it.
	cat >"$tap_dir/share/go" <<'E'
echo 0 >/proc/sys/vm/dirty_writeback_centisecs
echo "$1" >/proc/sys/kernel/io_uring_disabled
exec 4<>/share/control # stays open: 9p writes back what is closed
tr '\0' x </dev/zero | head -c 65536 >&4
tr -d '\0' </share/control | wc -c >/out/control
: >/out/said
build/dive --quiet --disk /share/disk build/kernels/blk.elf -- journal >/out/said &
until [ "$(wc -l </out/said)" -ge 200 ]; do usleep 50000; done
ls -l /proc/$!/fd | grep -c io_uring >/out/rings
usleep $(($(od -A n -N 2 -t u2 /dev/urandom) * 10))
echo b >/proc/sysrq-trigger
sleep 60
E
	run 120 guest-tests/testbed/run.sh --kernel 6.12 --timeout 60 \
		--share "$tap_dir/share" --keep-out "$tap_dir/kept" sh /share/go "$2"
	like "$status $err" 'switched off or reset|^testbed: .*Resetting' \
		"$1: the bed was reset"
	is "$(cat "$tap_dir/kept/rings")" "$3" "$1: $3 io_uring"
	said=$(sed '$d' "$tap_dir/kept/said" | tail -n 1)
	ok "$1: records were durable (${said:-none})" test "${said:-0}" -ge 100
	is "$(missing "$tap_dir/share/disk" "${said:-0}")" 0 "$1: all are on the disk"
	is "$(cat "$tap_dir/kept/control") $(tr -d '\000' \
		<"$tap_dir/share/control" | wc -c)" '65536 0' \
		"$1: what nobody flushed is lost"
	[ "$tap_failed" = 0 ] || diag "$err"
}

power_cut 'io_uring' 0 1
power_cut 'without io_uring' 2 0
done_testing
