# SPDX-License-Identifier: Apache-2.0
# Debian with systemd boots from an ext4 file system on a virtio disk, as a
# guest with two CPUs: it mounts a shared directory and edits it, fetches a
# file from the loopback of its host, and shuts down. debian.sh runs this.
# shellcheck shell=sh
. guest-tests/tap.sh
[ -e /share/image ] || { echo '1..0 # SKIP debian.sh runs this: it has the disk'; exit; }

# passt becomes nobody, and wants a default route.
mkdir -p /etc "$tap_dir/shared" "$tap_dir/www" "$tap_dir/initrd"
echo 'nobody:x:65534:65534::/:' >/etc/passwd
ip link set lo up
ip route add default via 127.0.0.1 dev lo 2>/dev/null
dd if=/dev/urandom of="$tap_dir/www/file" bs=1M count=8 2>/dev/null
sum=$(sha256sum <"$tap_dir/www/file")
httpd -f -p 127.0.0.1:8001 -h "$tap_dir/www" &
httpd=$!
printf 'a line\nan old line\n' >"$tap_dir/shared/text"
cp /share/image "$tap_dir/disk"
truncate -s 8M "$tap_dir/second"

# What an initramfs does: drivers, then the root that the command line names.
cat >"$tap_dir/initrd/init" <<'E'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for ko in /modules/*.ko; do insmod "$ko"; done
root=$(sed 's/.*root=\([^ ]*\).*/\1/' /proc/cmdline)
mount -t ext4 "$root" /mnt || poweroff -f
cp /told /mnt/told
umount /dev /proc
exec switch_root /mnt /sbin/init
E
chmod +x "$tap_dir/initrd/init"
# The service of the disk runs this, with bash.
cat >"$tap_dir/initrd/told" <<'E'
. /etc/os-release
echo "this is $PRETTY_NAME, process 1 is $(cat /proc/1/comm)"
findmnt -n -o SOURCE,FSTYPE,TARGET /
lscpu | grep -E '^(CPU\(s\)|Hypervisor vendor)'
for i in 0 1; do
	taskset -c $i cut -d ' ' -f 39 /proc/self/stat | sed 's/^/ran on /'
done
mkdir -p /share
mount -t virtiofs share /share && sed -i 's/old/new/' /share/text
umount /share
ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2 dev eth0
wget -q -O /var/tmp/file http://10.0.2.2:8001/file
dd if=/var/tmp/file of=/dev/vdb bs=1M oflag=direct 2>/dev/null
sha256sum </var/tmp/file
echo "up since $(cut -d ' ' -f 1 /proc/uptime) s"
systemctl --no-block poweroff
E
(cd "$tap_dir/initrd" && find . | cpio -o -H newc >../initrd.cpio 2>/dev/null)

run 700 build/dive --mem 768M --cpus 2 --disk "$tap_dir/disk" \
	--disk "$tap_dir/second" --share "$tap_dir/shared" --net user \
	--initrd /kernel/guest.cpio --initrd "$tap_dir/initrd.cpio" \
	/kernel/vmlinux root=/dev/vda rw net.ifnames=0 console=ttyS0 quiet \
	panic=-1 mitigations=off no_timer_check tsc=reliable \
	cryptomgr.notests nowatchdog
out=$(printf '%s\n' "$out" | tr -d '\r')
is "$status" 0 'Debian boots from its disk and shuts down'
like "$out" 'this is Debian GNU/Linux 12 \(bookworm\), process 1 is systemd' \
	'it is Debian, with systemd'
like "$out" '^/dev/vda +ext4 +/$' 'its root is ext4 on the virtio disk'
like "$out" '^CPU\(s\): +2$' 'it sees two CPUs'
is "$(printf '%s\n' "$out" | grep '^ran on' | sort -u | wc -l)" 2 'and runs on each'
is "$(cat "$tap_dir/shared/text")" 'a line
an new line' 'it edited a file of the shared directory'
like "$out" "^$sum" 'it fetched a file from the loopback of its host'
is "$(sha256sum <"$tap_dir/second")" "$sum" 'and wrote it to a second disk'
diag "$(printf '%s\n' "$out" | grep '^up since')"
[ "$tap_failed" = 0 ] || diag "$out" "$err"
kill $httpd
done_testing
