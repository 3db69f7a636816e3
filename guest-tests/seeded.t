#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kernels with a known bug: the crash report must name its place and cause.
# A wrong cause fails; "unknown" is allowed twice.
. guest-tests/tap.sh
need_kvm

tab=$(printf '\t')
unknown=0

while IFS=$tab read -r name place cause; do
	case $name in '#'*) continue ;; esac
	run 20 build/dive --timeout 10 --status-fd 3 \
		"build/kernels/seeded-$name.elf" 3>"$tap_dir/json"
	is "$status" 134 "$name ends as a crash"
	at=$(printf '%s\n' "$err" | sed -n 's/^at: //p')
	# Some CPUs forget their registers in a triple fault: no place then.
	case $at in
	*'when last seen') pass "$name: registers are not real, and it says so" ;;
	*) like "$at" "guest-tests/kernels/seeded-$name/$place\\)" \
		"$name: at $place" ;;
	esac
	likely=$(sed -n 's/.*"likely":"\([^"]*\)".*/\1/p' "$tap_dir/json")
	if [ "$likely" = unknown ]; then
		unknown=$((unknown + 1))
		pass "$name: cause unknown"
	else
		is "$likely" "$cause" "$name: $cause"
	fi
done <guest-tests/seeded/expected.tsv

ok 'at most two causes are unknown' [ "$unknown" -le 2 ]
done_testing
