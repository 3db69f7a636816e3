# SPDX-License-Identifier: Apache-2.0
# Programs of Debian's packages in the bed's own root, where dive finds them as
# on a host; source it behind tap.sh.
# shellcheck shell=sh

# bring ARCHIVE...: of those that ladder.sh makes. What the bed has stays, but
# applets of busybox make room for programs.
bring() {
	for archive; do
		(cd / && cpio -idu <"/share/$archive.cpio" 2>/dev/null)
	done
	for file in /deb/usr/bin/*; do
		[ -L "$file" ] || mv -f "$file" /bin/
	done
	[ -e /bin/python3 ] || ln -s python3.11 /bin/python3
	mkdir -p /usr/lib /usr/share /etc
	for file in /deb/usr/lib/x86_64-linux-gnu/*; do
		to=/lib/x86_64-linux-gnu/${file##*/}
		[ -e "$to" ] || mv "$file" "$to"
	done
	for file in /deb/usr/lib/* /deb/usr/share/* /deb/etc/*; do
		to=/${file#/deb/}
		[ -e "$to" ] || [ ! -e "$file" ] || mv "$file" "$to"
	done
	rm -rf /deb
}
