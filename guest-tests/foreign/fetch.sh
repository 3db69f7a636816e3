#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches the real kernels that debian.list boots into build/foreign and prints
# what is there. Installs nothing, needs no root; what is there stays.

set -eu
export LC_ALL=C
umask 022
cd "$(dirname "$0")/../.."
out=build/foreign
deb_cache=${DIVE_TESTBED:-build/testbed}
. tools/debian/deb.sh
vmlinux=tools/debian/vmlinux.sh

mkdir -p "$out" "$deb_cache"
bed=$(guest-tests/testbed/prepare.sh 6.1)
exec 9>"$deb_cache/lock"
flock 9

# take NAME PACKAGE-REGEX FILE: one file of a package, unpacked if it is packed.
take() {
	[ ! -e "$out/$1" ] || return 0
	deb_files="./$3"
	deb_get "$out/tmp" "$2"
	# shellcheck disable=SC2086 # a pattern
	mv "$out/tmp"/$3 "$out/$1.tmp"
	if gzip -t "$out/$1.tmp" 2>/dev/null; then
		mv "$out/$1.tmp" "$out/$1.gz"
		gzip -dc "$out/$1.gz" >"$out/$1.tmp"
	fi
	from "$1" "$out/tmp/package"
	rm -rf "$out/$1.gz" "$out/tmp"
	mv "$out/$1.tmp" "$out/$1"
}

# from NAME FILE: notes the package and version in FILE as where NAME came from.
from() {
	touch "$out/sources"
	sed -i "/^$1 /d" "$out/sources"
	echo "$1 $(cat "$2")" >>"$out/sources"
}

take linux-cloud.bzimage 'linux-image-6\.1\.[0-9.-]+-cloud-amd64' 'boot/vmlinuz-*'
take xen 'xen-hypervisor-[0-9.]+-amd64' 'boot/xen-*-amd64.gz'
take memtest86+x64 'memtest86\+' 'boot/memtest86+x64.bin'
take memtest86+ia32 'memtest86\+' 'boot/memtest86+ia32.bin'
take gnumach 'gnumach-image-[0-9.]+-(486|amd64)' 'boot/gnumach-*.gz'
take ipxe.lkrn ipxe 'boot/ipxe.lkrn'
take grub-invaders grub-invaders 'boot/invaders.exec'

# The full kernel is the one the bed runs.
if [ ! -e "$out/linux-full.bzimage" ]; then
	cp "$bed/bzImage" "$out/linux-full.bzimage"
	from linux-full.bzimage "$bed/ready"
fi
for k in linux-cloud linux-full; do
	[ -e "$out/$k.vmlinux" ] ||
		$vmlinux "$out/$k.bzimage" "$out/$k.vmlinux"
done

# A user space, and a second initrd that it looks for.
init=guest-tests/foreign/init
if [ -z "$(find "$out/second.cpio" -newer $init 2>/dev/null)" ]; then
	root=$out/root
	rm -rf "$root"
	mkdir -p "$root/first/bin" "$root/first/proc" "$root/first/dev" \
		"$root/second/second"
	cp "$bed/busybox" "$root/first/bin/"
	for applet in sh mount nproc head sha256sum sleep poweroff; do
		ln -s busybox "$root/first/bin/$applet"
	done
	cp $init "$root/first/init"
	for i in first second; do
		(cd "$root/$i" && find . | "$bed/busybox" cpio -o -H newc) \
			>"$out/$i.cpio" 2>/dev/null
	done
	rm -rf "$root"
fi

echo "In $out:"
for f in "$out"/*; do
	case $f in */sources | *.tsv) continue ;; esac
	printf '%10d  %-20s %s\n' "$(wc -c <"$f")" "${f##*/}" \
		"$(sed -n "s|^${f##*/} ||p" "$out/sources")"
done
