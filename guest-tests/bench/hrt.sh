#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make bench-hrt: a program on Minnow beside Linux, and in that Linux itself, in
# turn, in the test bed. A table on stdout; README.md in this folder says how to
# read it. ROUNDS=n, CPUS=n.
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
rounds=${ROUNDS:-3}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT || exit 1

guest-tests/testbed/run.sh --mem 3G --cpus "${CPUS:-2}" --timeout 3000 \
	sh guest-tests/bench/hrt_bed.sh "$rounds" >"$tmp/out"
status=$?
[ $status = 0 ] || { cat "$tmp/out" >&2; exit $status; }

# Lines are: row unit where least median. Of the rounds: the least, the median.
awk -v OFS='\t' -v class="class bed, $rounds rounds" '
	function sort(list, v,    n, i, j, t) {
		n = split(list, v, " ")
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
				t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
			}
		return n
	}
	function middle(list,    v, n) {
		n = sort(list, v)
		return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	}
	function first(list,    v) { sort(list, v); return v[1] }
	function ratio(a, b) { return b > 0 ? sprintf("%.2f", a / b) : "-" }
	!($1 in unit) { order[++rows] = $1; unit[$1] = $2 }
	{ least[$1, $3] = least[$1, $3] " " $4; half[$1, $3] = half[$1, $3] " " $5 }
	END {
		print "# " class
		print "row", "unit", "hrt", "median", "native", "median", \
			"hrt/native", "of medians"
		for (i = 1; i <= rows; i++) {
			r = order[i]
			h = first(least[r, "hrt"]); n = first(least[r, "native"])
			hm = middle(half[r, "hrt"]); nm = middle(half[r, "native"])
			print r, unit[r], h, hm, n, nm, ratio(h, n), ratio(hm, nm)
		}
		c = first(least["call", "hrt"]); l = first(least["line", "native"])
		print "# a forwarded call is " ratio(c, l) \
			" times the way of a cache line there and back"
	}' "$tmp/out"
