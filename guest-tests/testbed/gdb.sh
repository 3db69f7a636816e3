#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gdb.t and core.t in the test bed, a KVM by AMD's rules, with Debian's small
# gdb, which needs no installation. Prints one TAP.

set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
deb_cache=${DIVE_TESTBED:-build/testbed}
# shellcheck source=tools/debian/deb.sh
. tools/debian/deb.sh

mkdir -p "$deb_cache"
exec 9>"$deb_cache/lock"
flock 9
deb_get "$deb_cache/tools/gdb" gdb-minimal
tools=$deb_cache/tools/gdb/share
if [ ! -e "$tools/gdb" ]; then
	rm -rf "$tools.new"
	mkdir -p "$tools.new"
	cp "$deb_cache/tools/gdb/usr/bin/gdb" "$tools.new/"
	ldd "$tools.new/gdb" | sed -n 's|^.*[ \t]\(/[^ ]*\) (.*|\1|p' |
		while read -r library; do cp -L "$library" "$tools.new/"; done
	mv "$tools.new" "$tools"
fi
flock -u 9

{
	# shellcheck disable=SC2016 # expanded in the bed
	"$here/run.sh" --cpus 2 --share "$tools" sh -c '
		ifconfig lo 127.0.0.1 up
		ld="/share/ld-linux-x86-64.so.2 --library-path /share"
		export GDB="$ld /share/gdb" GDB_POINTS=no
		sh guest-tests/testbed/inside.sh guest-tests/gdb.t guest-tests/core.t'
	echo "#:bed status $?"
} | awk -f "$here/merge.awk"
