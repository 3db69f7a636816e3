# SPDX-License-Identifier: Apache-2.0
# Debian as a guest appends records to a file on ext4, fsync() after each, then
# says its number. dive is killed, again and again: the next guest finds all
# that was said.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh
[ -x /usr/lib/mke2fs ] || skip_all 'there is no mke2fs (Debian: e2fsprogs)'

disk=$tap_dir/disk
truncate -s 64M "$disk"
/usr/lib/mke2fs -q -t ext4 "$disk" 2>/dev/null

# What a guest does: looks, and goes on where the last one was.
cat >"$tap_dir/cmd" <<'E'
mount -t ext4 /dev/vda /mnt || exit 1
touch /mnt/journal
awk '$2 != NR { print "wrong record", NR } END { print "found", NR }' /mnt/journal
n=$(wc -l </mnt/journal)
grep -q once /proc/cmdline && exit 0
while :; do
	n=$((n + 1))
	echo "record $n" >>/mnt/journal
	sync /mnt/journal && echo "durable $n"
done
E
(cd "$tap_dir" && echo cmd | cpio -o -H newc >cmd.cpio 2>/dev/null)

# boot [WORD]: dive in the background as $dive; WORD is for the guest.
boot() {
	: >"$tap_dir/out"
	build/dive --quiet --mem 384M --disk "$disk" \
		--initrd /kernel/guest.cpio --initrd "$tap_dir/cmd.cpio" \
		/kernel/vmlinux console=ttyS0 quiet panic=-1 mitigations=off \
		no_timer_check tsc=reliable cryptomgr.notests nowatchdog "$@" \
		>"$tap_dir/out" 2>"$tap_dir/err" &
	dive=$!
}

# shellcheck disable=SC2317 # ok calls it
# printed REGEX: waits until a line is like that, a minute at most.
printed() {
	for _ in $(seq 300); do
		! grep -Eq "$1" "$tap_dir/out" || return 0
		sleep 0.2
	done
	return 1
}

# number WORD: of the last whole line with it.
number() { tr -d '\r' <"$tap_dir/out" | sed '$d' | sed -n "s/^$1 //p" | tail -n 1; }

said=0
for round in 1 2 3; do
	boot
	ok "round $round: the guest runs" printed '^durable [0-9]+.'
	sleep 0."$(od -A n -N 2 -t u2 /dev/urandom | tr -d ' ')"
	kill -KILL $dive
	wait $dive 2>/dev/null
	unlike "$(cat "$tap_dir/out")" 'wrong record' "round $round: nothing is wrong"
	found=$(number found)
	ok "round $round: $found records found, $said were durable" \
		test "${found:-0}" -ge "$said"
	said=$(number durable)
	said=${said:-0}
done
boot once
ok 'the last guest runs' printed '^found [0-9]+.'
wait $dive
found=$(tr -d '\r' <"$tap_dir/out" | sed -n 's/^found //p')
unlike "$(cat "$tap_dir/out")" 'wrong record' 'nothing is wrong'
ok "$found records found, $said were durable" test "${found:-0}" -ge "$said"
[ "$tap_failed" = 0 ] || diag "$(cat "$tap_dir/out" "$tap_dir/err")"
done_testing
