# SPDX-License-Identifier: Apache-2.0
# Debian as a guest: an ext4 disk over both transports, by messages and by
# lines, by modern and legacy drivers; entropy.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh
[ -x /usr/lib/mke2fs ] || skip_all 'there is no mke2fs (Debian: e2fsprogs)'

disk=$tap_dir/disk
truncate -s 400M "$disk"
/usr/lib/mke2fs -q -t ext4 -E nodiscard "$disk" 2>/dev/null
truncate -s 1M "$tap_dir/second"

# For a guest: mount the disk, write much to it, read it back.
# shellcheck disable=SC2016
drive='
mount -t ext4 /dev/vda /mnt || exit 1
[ ! -e /mnt/sum ] || md5sum -c /mnt/sum || exit 2
dd if=/dev/urandom of=/tmp/some bs=1M count=8 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26; do
	cat /tmp/some; echo $i
done >/mnt/large
md5sum /mnt/large >/mnt/sum
sync /mnt/large /mnt/sum
umount /mnt && mount -t ext4 /dev/vda /mnt || exit 3
echo 3 >/proc/sys/vm/drop_caches
md5sum -c /mnt/sum || exit 4
umount /mnt'

guest 250 --disk "$disk" --disk "$tap_dir/second:ro" --rng <<E
$drive
echo x >/dev/vdb && echo 'written'
cat /sys/block/vdb/ro /sys/block/vda/size
echo "\$(cat /sys/block/vda/serial)"
head -c 64 /dev/hwrng | wc -c
grep virtio /proc/interrupts
rmmod virtio_blk virtio_rng virtio_pci
insmod /modules/*virtio_pci.ko force_legacy=1 && insmod /modules/*virtio_blk.ko
mount -t ext4 /dev/vda /mnt && md5sum -c /mnt/sum && echo legacy
echo more >/mnt/more && sync /mnt/more
echo 3 >/proc/sys/vm/drop_caches
mount -o remount,discard /mnt && rm /mnt/large && fstrim -v /mnt
umount /mnt
E
is "$status" 0 'PCI: a guest ends well that wrote to its disk'
like "$out" '^/mnt/large: OK$' 'PCI: 208 MiB come back as written'
like "$out" 'PCI-MSIX?-?.*virtio0-req|MSI.*virtio0-req' 'PCI: by MSI-X'
like "$out" '^64$' 'PCI: entropy'
unlike "$out" '^written$' 'PCI: a read-only disk is not written'
like "$out" '^819200$' 'PCI: the size of the disk'
like "$out" '^disk$' 'PCI: its name'
like "$out" '^legacy$' 'PCI: the legacy interface reads the same'
unlike "$err" 'the kernel broke' 'PCI: nothing to complain about'
diag "$(printf '%s\n' "$out" | grep -E 'trimmed|virtio')"

guest 250 --virtio mmio --disk "$disk" --rng <<E
$(printf '%s\n' "$drive" | sed '/^\[ /d')
cat /mnt/more
head -c 64 /dev/hwrng | wc -c
cat /proc/cmdline
E
is "$status" 0 'mmio: a guest ends well that wrote to its disk'
like "$out" '^/mnt/large: OK$' 'mmio: 208 MiB come back as written'
like "$out" '^64$' 'mmio: entropy'
like "$out" 'virtio_mmio.device=0x200@0xfed00000:5' 'mmio: announced to others'


done_testing
