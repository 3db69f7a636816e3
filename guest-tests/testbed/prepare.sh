#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prepare.sh 6.1|6.12: makes, once, what the test bed boots and prints its
# folder under build/testbed: bzImage, vmlinux, busybox, base.cpio; and for
# Linux as a guest of dive in it guest.cpio, which boots with the same vmlinux.

set -eu
export LC_ALL=C
umask 022
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
deb_cache=${DIVE_TESTBED:-build/testbed}
# shellcheck source=tools/debian/deb.sh
. tools/debian/deb.sh
# shellcheck source=tools/debian/modules.sh
. tools/debian/modules.sh

# The transports that the init script needs, taps, KVM. What one depends on is
# found in the modules; what is built in needs no loading.
modules='virtio_pci virtio_console 9p 9pnet_virtio tun vhost_net kvm-amd'
# What dive's devices need.
guest_modules='virtio_pci virtio_mmio virtio_blk virtio_net virtio_rng
virtio_console crc32c_generic ext4 virtiofs'
# What mode hrt's window and bell need; loaded by /bin/guest-window only.
window_modules='uio uio_pci_generic libnvdimm nd_btt nd_pmem nd_e820 dax_pmem
device_dax'
all_modules="$modules $guest_modules $window_modules"

series=$1
done=$deb_cache/$series
is_ready() {
	[ -e "$done/ready" ] &&
		[ "$(cat "$done/modules" 2>/dev/null)" = "$all_modules" ]
}
! is_ready || { echo "$done"; exit; }

mkdir -p "$deb_cache"
exec 9>"$deb_cache/lock"
flock 9
! is_ready || { echo "$done"; exit; }
bed=$done.new
rm -rf "$bed"

dots=$(echo "$series" | sed 's/\./\\./g')
deb_files='./boot/vmlinuz-* ./lib/modules/*/kernel/*'
deb_get "$bed/kernel" "linux-image-$dots\.[0-9.+a-z-]*[0-9]-amd64" \
	"linux-image-$dots\.[0-9.+a-z-]*[0-9]-amd64-unsigned"
deb_files=
deb_get "$deb_cache/tools/busybox" busybox-static

tools/debian/vmlinux.sh "$bed"/kernel/boot/vmlinuz-* "$bed/vmlinux"

cp "$deb_cache"/tools/busybox/bin/busybox "$bed/" 2>/dev/null ||
	cp "$deb_cache"/tools/busybox/usr/bin/busybox "$bed/"

# root FOLDER: busybox and mount points.
root() {
	mkdir -p "$1/bin" "$1/usr" "$1/modules" "$1/dev" "$1/proc" "$1/sys" \
		"$1/tmp" "$1/out" "$1/share" "$1/kernel" "$1/mnt"
	cp "$bed/busybox" "$1/bin/"
	for applet in $("$bed/busybox" --list); do
		[ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
	done
	ln -s bin "$1/sbin"
	ln -s ../bin "$1/usr/bin"
	ln -s ../bin "$1/usr/sbin"
}

# pack FOLDER FILE
pack() { (cd "$1" && find . | ../busybox cpio -o -H newc) >"$2" 2>/dev/null; }

base=$bed/base
root "$base"

# shellcheck disable=SC2086 # words
modules_take "$bed/kernel/lib/modules" "$base/modules" $modules

# Without a compiler the bed works, but with several processors less reliably.
"${CC:-cc}" -static -O2 -o "$base/bin/hold" "$here/hold.c" >&2 ||
	deb_say "hold.c could not be compiled; see README.md, Limits"
pack "$base" "$bed/base.cpio"

rm -r "$base"
root "$base"
cp "$here/guest-init" "$base/init"
# shellcheck disable=SC2086 # words
modules_take "$bed/kernel/lib/modules" "$base/modules" $guest_modules
# shellcheck disable=SC2086 # words
modules_take "$bed/kernel/lib/modules" "$base/modules/window" $window_modules
cp "$here/guest-window" "$base/bin/"
pack "$base" "$bed/guest.cpio"

mv "$bed"/kernel/boot/vmlinuz-* "$bed/bzImage"
echo "$all_modules" >"$bed/modules"
mv "$bed/kernel/package" "$bed/ready"
rm -rf "$base" "$bed/kernel" "$done"
mv "$bed" "$done"
echo "$done"
