#!/bin/sh
# SPDX-License-Identifier: ISC
# check.sh: lets Spin try every order of events in the models. As they are they
# must hold, and with one thing left out they must not. Prints TAP.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

# holds MODEL [-DNAME]: does Spin find nothing?
holds() {
	(cd "$work" && cp "$here"/*.pml . &&
		spin -a ${2:+"$2"} "$1.pml" && cc -O2 -DSAFETY -w -o pan pan.c &&
		./pan -m1000000) >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		return 2
	}
	! grep -q 'max search depth too small' "$work/log" &&
		grep -q '^State-vector.*errors: 0$' "$work/log"
}

# result STATUS TEXT
result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/log"
	fi
}

model() {
	name=$1; shift
	status=0
	holds "$name" || status=$?
	result "$status" "$name: no lost wake-up, no double completion"
	for without; do
		status=0
		holds "$name" "-D$without" || status=$?
		result $((status != 1)) "$name: $without is found"
	done
}

model channel NO_FENCE NO_LOOK NO_RING EARLY
model ring NO_FENCE NO_LOOK
echo "1..$n"
