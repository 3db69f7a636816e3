#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# alone/debian.t in the test bed, with a disk that has Debian on it: systemd and what
# belongs to it, unpacked from Debian's packages. Needs no root. Prints one TAP.

set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
deb_cache=${DIVE_TESTBED:-build/testbed}
# shellcheck source=tools/debian/deb.sh
. tools/debian/deb.sh

packages='base-files base-passwd init udev kmod coreutils dash bash grep sed mount
util-linux iproute2 wget'
disk=$deb_cache/debian
root=$disk.new/root

# What the packages' own scripts would do, as far as booting needs it.
configure() {
	cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
	cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
	sed -i 's/^\(root:\)\*:/\1:/' "$root/etc/passwd"
	echo diver >"$root/etc/hostname"
	echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
	mkdir -p "$root/share" "$root/etc/systemd/system/multi-user.target.wants"
	cat >"$root/etc/systemd/system/told.service" <<-'E'
		[Unit]
		Description=what the test wants done
		Before=serial-getty@ttyS0.service
		[Service]
		Type=oneshot
		ExecStart=/bin/bash /told
		StandardOutput=tty
		StandardError=tty
		TTYPath=/dev/ttyS0
	E
	ln -s ../told.service "$root/etc/systemd/system/multi-user.target.wants/"
}

prepare() {
	[ ! -e "$disk/image" ] || return 0
	rm -rf "$disk" "$disk.new"
	# shellcheck disable=SC2086 # words
	deb_tree "$root" $packages
	rm "$root/packages"
	configure
	truncate -s 400M "$disk.new/image"
	mke2fs -q -t ext4 -E root_owner=0:0 -d "$root" "$disk.new/image"
	rm -rf "$root"
	mv "$disk.new" "$disk"
}

mkdir -p "$deb_cache"
exec 9>"$deb_cache/lock"
flock 9
PATH=$PATH:/sbin:/usr/sbin
prepare
flock -u 9

{
	"$here/run.sh" --mem 3G --timeout 900 --share "$disk" sh \
		guest-tests/testbed/inside.sh guest-tests/testbed/alone/debian.t
	echo "#:bed status $?"
} | awk -f "$here/merge.awk"
