#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# table.sh [RESULTS [SOURCES]]: what run.sh noted, as a markdown table for the
# README. SOURCES says which package each file is from.

set -eu
results=${1:-build/foreign/debian.tsv}
sources=${2:-build/foreign/sources}
[ -r "$results" ] || { echo "table.sh: no $results; run run.sh first" >&2; exit 2; }
[ -r "$sources" ] || sources=/dev/null

echo '| kernel | from | dive ... | on | result |'
echo '|---|---|---|---|---|'
awk -F '\t' '
	FILENAME == ARGV[1] { split($0, w, " "); from[w[1]] = w[2] " " w[3]; next }
	{
		source = $1
		sub(/\.vmlinux$/, ".bzimage", source)
		result = $8 == "ok" ? "boots, known by its output" : "fails: " $8
		if ($8 == "ok" && $3 == "no output yet")
			result = "still runs after 5 s, shows nothing on COM1"
		else if ($8 == "ok" && $4 == 126) result = "refused, as it must be"
		else if ($8 == "ok") result = result ", " $7 " s"
		gsub(/\|/, "\\|", result)
		printf "| %s | %s | %s | %s | %s |\n", $1, from[source],
			$2 == "-" ? "" : "`" $2 "`",
			$6 ~ /^bed/ ? "test bed" : "local KVM", result
	}' "$sources" "$results"
