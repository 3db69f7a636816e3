#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# table.sh [PAGE]: what run.sh noted of debian.list, as a markdown table, on
# stdout or in PAGE between the lines that say that it belongs there.

set -eu
results=build/foreign/debian.tsv
sources=build/foreign/sources # which package each file is from
[ -r "$results" ] || { echo "table.sh: no $results; run run.sh first" >&2; exit 2; }
[ -r "$sources" ] || sources=/dev/null

table() {
	echo '| kernel | from | dive ... | on | result |'
	echo '|---|---|---|---|---|'
	awk -F '\t' '
		FILENAME == ARGV[1] { split($0, w, " "); from[w[1]] = w[2] " " w[3]; next }
		{
			source = $1
			sub(/\.vmlinux$/, ".bzimage", source)
			result = $8 == "ok" ? "boots, known by its output" : "fails: " $8
			if ($8 == "ok" && $4 == 126) result = "refused, as it must be"
			else if ($8 == "ok") result = result ", " $7 " s"
			gsub(/\|/, "\\|", result)
			printf "| %s | %s | %s | %s | %s |\n", $1, from[source],
				$2 == "-" ? "" : "`" $2 "`",
				$6 ~ /^bed/ ? "test bed" : "local KVM", result
		}' "$sources" "$results"
}

if [ $# = 0 ]; then
	table
	exit
fi
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
table | awk '
	FILENAME == "-" { rows = rows $0 "\n"; next }
	/^<!-- kernels: / { print; printf "%s", rows; inside = 1; seen = 1 }
	/^<!-- \/kernels/ { inside = 0 }
	!inside
	END { exit !seen }' - "$1" >"$tmp" || {
	echo "table.sh: no place for the table in $1" >&2
	exit 2
}
cat "$tmp" >"$1"
