#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make bench-devices: disk and network of dive beside QEMU's, in the test bed
# and there with the same kernel, initramfs, file of the host and passt. A table
# on stdout; README.md in this folder says how to read it. ROUNDS=n, CPUS=n.
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
rounds=${ROUNDS:-3}
cpus=${CPUS:-1}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT || exit 1

for tool in qemu-system-x86_64 passt; do
	command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 1; }
done

# QEMU for the bed, which has neither it nor its libraries.
qemu=$(command -v qemu-system-x86_64)
mkdir "$tmp/lib" "$tmp/firmware"
cp "$qemu" "$tmp/qemu"
ldd "$qemu" | sed -n 's|^\t\(.* => \)\{0,1\}\(/[^ ]*\) (.*|\2|p' |
	xargs cp -Lt "$tmp/lib"
for rom in bios-256k.bin kvmvapic.bin linuxboot_dma.bin; do
	for dir in /usr/share/seabios /usr/share/qemu; do
		[ ! -e $dir/$rom ] || cp $dir/$rom "$tmp/firmware/"
	done
done

guest-tests/testbed/run.sh --mem 3G --cpus "$cpus" --timeout 1500 \
	--share "$tmp" sh guest-tests/bench/devices_bed.sh "$rounds" >"$tmp/out"
status=$?
[ $status = 0 ] || { cat "$tmp/out" >&2; exit $status; }

# Lines are: row unit vmm value.
awk -v OFS='\t' '
	function median(list,    v, n, i, j, t) {
		n = split(list, v, " ")
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
				t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
			}
		least = v[1]; most = v[n]; count = n
		return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	}
	!($1 in unit) { order[++rows] = $1; unit[$1] = $2 }
	{ got[$1, $3] = got[$1, $3] " " $4 }
	END {
		print "row", "unit", "dive", "spread", "QEMU", "spread", \
			"dive/QEMU", "best/best", "n"
		for (i = 1; i <= rows; i++) {
			r = order[i]
			d = median(got[r, "dive"]); best = most
			spread = least ".." most
			q = median(got[r, "qemu"])
			if (q == 0) continue
			print r, unit[r], d, spread, q, least ".." most, \
				sprintf("%.2f", d / q), \
				sprintf("%.2f", best / most), count
		}
	}' "$tmp/out"
