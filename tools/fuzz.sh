#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz harness for its share of FUZZ_SECONDS (wall time), as TAP.
# A crash leaves its input in build/fuzz/: make it a seed and a unit test.

set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
total=${FUZZ_SECONDS:-90}
out=build/fuzz
mkdir -p $out
make -s -j"$jobs" MODE=fuzz CC=clang fuzzers >&2 || exit 1
read -ra fuzzers < <(make -s MODE=fuzz CC=clang print-FUZZERS)
[ ${#fuzzers[@]} -gt 0 ] || { echo "1..0 # SKIP no fuzz harness"; exit 0; }
each=$((total * jobs / ${#fuzzers[@]}))
[ $each -gt 0 ] || each=1

# one HARNESS: prints "ok NAME" or "not ok NAME" with the end of the log.
one() {
	local name folder seeds found log
	name=$(basename "$1" _fuzz)
	folder=$(dirname "${1#build/clang/fuzz/test/}")
	seeds=$folder/test/corpus/$name
	found=$out/corpus/$folder/$name
	log=$out/${folder//\//-}-$name.log
	mkdir -p "$found"
	[ -d "$seeds" ] || seeds=
	if "$1" -max_total_time="$each" -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix="$out/$name-" -print_final_stats=1 \
		"$found" ${seeds:+"$seeds"} >"$log" 2>&1; then
		echo "ok - fuzz $folder/$name $(sed -n \
			's/^stat::number_of_executed_units: \(.*\)/(\1 runs)/p' "$log")"
	else
		echo "not ok - fuzz $folder/$name"
		tail -n 40 "$log" | sed 's/^/# /'
	fi
}
export -f one
export out each
echo "1..${#fuzzers[@]}"
printf '%s\n' "${fuzzers[@]}" | xargs -P "$jobs" -I{} bash -c 'one {}' >$out/results
cat $out/results
! grep -q '^not ok' $out/results
