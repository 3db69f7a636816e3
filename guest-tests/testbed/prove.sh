#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prove.sh [option of run.sh...] [FILE.t...]: boots the test bed once, runs the
# TAP scripts in it (else all of guest-tests/testbed/*.t), prints one TAP.

set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
bed=guest-tests/testbed

run="$bed/run.sh --timeout 3500"
while [ $# -gt 1 ]; do
	case $1 in
	--*) run="$run $1 '$2'"; shift 2 ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || set -- "$bed"/*.t
eval "set -- $run sh $bed/inside.sh \"\$@\""

{ "$@"; echo "#:bed status $?"; } | awk -f "$bed/merge.awk"
