#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# vmlinux.sh BZIMAGE OUT: the ELF kernel inside a bzImage, unpacked here because
# a kernel that unpacks itself in an emulator needs seconds for it.
# Linux x86/boot.rst: setup_sects (0x1f1), payload_offset and payload_length
# (0x248, 0x24c; protocol 2.08).

set -eu
export LC_ALL=C
here=$(dirname "$0")
image=$1 out=$2

die() { echo "vmlinux.sh: $image: $*" >&2; exit 1; }

# number OFFSET BYTES: little endian
number() { od -An -v "-tu$2" "-j$1" "-N$2" "$image" | tr -d ' '; }

[ "$(tail -c +515 "$image" | head -c 4)" = HdrS ] || die "not a bzImage"
[ "$(number 518 2)" -ge 520 ] || die "boot protocol older than 2.08"
start=$(($(number 497 1) * 512 + 512 + $(number 584 4)))
length=$(number 588 4)

# The build appends the unpacked size to all but gzip, which ends with it.
case $(od -An -v -tx1 "-j$start" -N4 "$image" | tr -d ' ') in
1f8b*) tool=gzip ;;
fd377a58) tool=xz length=$((length - 4)) ;;
02214c18) tool=lz4 length=$((length - 4)) ;;
28b52ffd) tool=zstd length=$((length - 4)) ;;
*) die "its kernel is packed in a format not known here" ;;
esac
if ! command -v $tool >/dev/null; then
	deb_cache=${DIVE_TESTBED:-build/testbed}
	# shellcheck source=tools/debian/deb.sh
	. "$here/deb.sh"
	deb_get "$deb_cache/tools/$tool" $tool
	PATH=$PATH:$deb_cache/tools/$tool/usr/bin
fi
tail -c "+$((start + 1))" "$image" | head -c "$length" |
	$tool -dc >"$out.tmp" || die "cannot unpack its kernel with $tool"
[ "$(head -c 4 "$out.tmp" | od -An -tx1 | tr -d ' ')" = 7f454c46 ] ||
	die "what it holds is not an ELF file"
mv "$out.tmp" "$out"
