# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# devices_bed.sh ROUNDS: the half of devices.sh that runs in the bed. Boots
# Linux under dive and under QEMU in turn; prints "row unit vmm value".
set -u
rounds=$1
tmp=$(mktemp -d) || exit 1
chmod a+rwx "$tmp" # for a passt that is nobody
load=build/bench/load

# passt becomes nobody, and wants a default route.
mkdir -p /etc
echo 'nobody:x:65534:65534::/:' >/etc/passwd
ip link set lo up
ip route add default via 127.0.0.1 dev lo

# Written once, so that neither of the two finds it empty.
dd if=/dev/zero of="$tmp/disk" bs=1M count=256 2>/dev/null
$load serve 9000 &
server=$!

# --- the guest ----------------------------------------------------------------
mkdir -p "$tmp/guest/bin"
cp $load "$tmp/guest/bin/"
cat >"$tmp/guest/cmd" <<'G'
ip link set eth0 mtu 65520 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
echo none >/sys/block/vda/queue/scheduler
row() {
	for i in 1 2 3; do
		value=$(load $3 2 $4 $5) && echo "row $1 $2 $value"
	done
}
row disk-read-1M MB/s read 2 /dev/vda
row disk-write-1M MB/s write 2 /dev/vda
row disk-read-4K-depth-1 1/s random 1 /dev/vda
row disk-read-4K-depth-16 1/s random 16 /dev/vda
row tcp-to-guest MB/s receive 10.0.2.2 9000
row tcp-from-guest MB/s send 10.0.2.2 9000
G
(cd "$tmp/guest" && find . | cpio -o -H newc >"$tmp/guest.cpio" 2>/dev/null)
cat /kernel/guest.cpio "$tmp/guest.cpio" >"$tmp/initrd"
words='console=ttyS0 quiet panic=-1 mitigations=off no_timer_check
tsc=reliable cryptomgr.notests nowatchdog'

# shellcheck disable=SC2317 # both are called by name
# Both: 384 MiB, one CPU, one queue each, PCI, MSI-X, the host's page cache,
# io_uring, a thread for the disk.
dive() {
	# shellcheck disable=SC2086
	timeout 200 build/dive --quiet --mem 384M --disk "$tmp/disk" --net user \
		--initrd "$tmp/initrd" /kernel/vmlinux $words
}

# shellcheck disable=SC2317
# The same passt as of dive, but for the socket.
qemu() {
	passt --foreground --quiet --socket "$tmp/passt" --address 10.0.2.15 \
		--netmask 24 --gateway 10.0.2.2 --mac-addr 02:44:49:56:45:00 &
	passt=$!
	for _ in $(seq 50); do
		[ ! -S "$tmp/passt" ] || break
		sleep 0.1
	done
	timeout 200 /share/lib/ld-linux-x86-64.so.2 --library-path /share/lib \
		/share/qemu -L /share/firmware -nodefaults -no-user-config -display none \
		-M q35 -accel kvm -cpu host -smp 1 -m 384 -no-reboot \
		-object iothread,id=io \
		-drive "file=$tmp/disk,if=none,id=disk,format=raw,aio=io_uring" \
		-device virtio-blk-pci,drive=disk,iothread=io,num-queues=1 \
		-netdev "stream,id=net,addr.type=unix,addr.path=$tmp/passt" \
		-device virtio-net-pci,netdev=net,host_mtu=65520,romfile= \
		-device isa-debug-exit,iobase=0xf4,iosize=4 -serial stdio \
		-kernel /kernel/bzImage -initrd "$tmp/initrd" -append "$words"
	ended=$?
	kill "$passt" 2>/dev/null
	rm -f "$tmp/passt"
	return $((ended / 2)) # (what the guest said << 1) | 1
}

bad=0
for round in $(seq "$rounds"); do
	for vmm in dive qemu; do
		status=0
		$vmm </dev/null >"$tmp/out" 2>"$tmp/err" || status=$?
		tr -d '\r' <"$tmp/out" | sed -n "s/^row \([^ ]* [^ ]*\) /\1 $vmm /p"
		if [ $status = 0 ] && [ "$(grep -c '^row' "$tmp/out")" = 18 ]; then
			continue
		fi
		echo "$vmm, round $round: status $status, not all rows" >&2
		tail -n 20 "$tmp/out" "$tmp/err" >&2
		bad=1
	done
done
kill $server
rm -rf "$tmp"
exit $bad
