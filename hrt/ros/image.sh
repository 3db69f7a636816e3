#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# image.sh INIT PARTNER OUT: the default Linux of mode hrt, OUT/vmlinux and
# OUT/initrd: Debian's cloud kernel and what its first process, INIT, needs to
# run PARTNER. What was downloaded once is kept.

set -eu
export LC_ALL=C
umask 022
cd "$(dirname "$0")/../.."
init=$1 partner=$2 out=$3
deb_cache=${DIVE_TESTBED:-build/testbed}
# shellcheck source=tools/debian/deb.sh
. tools/debian/deb.sh
# shellcheck source=tools/debian/modules.sh
. tools/debian/modules.sh

# The transports and devices of dive, persistent memory as a character device,
# the bell. What these depend on is found in them.
modules='virtio_pci virtio_console virtiofs
nd_e820 dax_pmem device_dax uio_pci_generic'

# The kernel and its modules, unpacked; and busybox.
download() {
	cloud=$deb_cache/cloud
	deb_files='./boot/vmlinuz-* ./lib/modules/*/kernel/drivers/*
./lib/modules/*/kernel/fs/fuse/*'
	deb_get "$cloud" 'linux-image-6\.1\.[0-9.-]+-cloud-amd64' \
		'linux-image-6\.1\.[0-9.-]+-cloud-amd64-unsigned'
	deb_files=
	deb_get "$deb_cache/tools/busybox" busybox-static
	[ -e "$cloud/vmlinux" ] ||
		tools/debian/vmlinux.sh "$cloud"/boot/vmlinuz-* "$cloud/vmlinux"
}

mkdir -p "$deb_cache" "$out"
exec 9>"$deb_cache/lock"
flock 9
download
flock -u 9

root=$out/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/dev" "$root/host" "$root/proc" "$root/sys"
# shellcheck disable=SC2086 # words
modules_take "$cloud/lib/modules" "$root/modules" $modules
busybox=$(find "$deb_cache/tools/busybox" -name busybox -type f -perm /111)
cp "$busybox" "$root/bin/"
strip -o "$root/init" "$init"
strip -o "$root/partner" "$partner"
(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$out/initrd.tmp"
rm -rf "$root"
mv "$out/initrd.tmp" "$out/initrd"
# A third of the kernel is types for BPF and room for encrypting memory.
objcopy -R .BTF -R .BTF_ids -R .init.scratch "$cloud/vmlinux" "$out/vmlinux.tmp"
mv "$out/vmlinux.tmp" "$out/vmlinux"
