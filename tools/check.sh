#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All checks, or some: tools/check.sh [STAGE...]. The last line is the tally.
# With CI=true or DIVE_NO_SKIP=1 a skipped test is a failed one.
# shellcheck disable=SC2046,SC2086 # no white space in our file names
# shellcheck disable=SC2317 # stages are called by name

set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MAKEOVERRIDES MFLAGS
# The clone may belong to somebody else, as on build machines.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$PWD
[ "${CI:-}" = true ] && export DIVE_NO_SKIP=1
jobs=$(nproc)
dir=build/check
mkdir -p $dir
tally=$(mktemp $dir/tally.XXXXXX) && trap 'rm -f $tally' EXIT

mk() { make --no-print-directory -j"$jobs" "$@"; }

# stage NAME COMMAND...: says how long it took.
stage() {
	local start=$SECONDS name=$1
	shift
	echo "== $name"
	"$@"
	echo "== $name: $((SECONDS - start)) s"
}

# must NAME COMMAND...: counts as one test; the log is shown when it fails.
must() {
	local name=$1 log=$dir/$1.log
	shift
	if "$@" >"$log" 2>&1; then
		printf '1\t0\t0\t\n' >>$tally
	else
		printf '0\t1\t0\t%s\n' "$name" >>$tally
		tail -n 40 "$log"
		echo "== $name FAILED; all of it is in $log"
	fi
}

# tap JOBS SECONDS PROGRAM...: programs that print TAP.
tap() { tools/tally.pl "$1" "$2" $tally "${@:3}"; }

# Some are there only on some machines, or not yet.
present() { for f; do if [ -e "$f" ]; then echo "$f"; fi; done; }

# What failed, and the tally.
summary() {
	awk -F '\t' '
		{ passed += $1; failed += $2; skipped += $3; if ($2) bad = bad " " $4 }
		END {
			if (bad) print "failed in:" bad
			printf "%d passed, %d failed", passed, failed
			if (skipped) printf ", %d skipped", skipped
			print ""
			exit failed > 0
		}' $tally
}

lint() { mk -s compile_commands.json && tap 1 600 tools/lint.sh; }

build() { must "build-${1//[ =]/-}" mk "$@" all tests; }

# unit VARIABLE=VALUE...: every unit test of that build.
unit() {
	must "build-unit${*:+-$*}" mk -ks "$@" tests
	# TSan cannot place its shadow when the kernel scatters mappings widely.
	local run=
	case "$* ${MODE:-}" in
	*tsan*) setarch -R true 2>/dev/null && run='setarch -R ' ;;
	esac
	local tests
	read -ra tests < <(mk -s "$@" print-TESTS)
	tap "$jobs" 120 "${tests[@]/#/$run}"
}

guest() {
	must build-guest mk -s all
	tap 1 300 $(present guest-tests/*.t)
}
# Every order in which two sides that share memory can meet.
model() { tap 1 600 contract/model/check.sh; }
fuzz() { tap 1 1800 tools/fuzz.sh; }
testbed() {
	must build-testbed mk -s all tests ros
	# Two machines at a time. The ladder's other rungs take too long, or much
	# to download, for every day.
	tap 2 3600 'guest-tests/testbed/ladder.sh core python numeric advisor' \
		$(present guest-tests/testbed/prove.sh \
		guest-tests/testbed/selftest.sh guest-tests/testbed/gdb.sh \
		guest-tests/testbed/debian.sh guest-tests/testbed/powercut.sh \
		guest-tests/testbed/pisces.sh)
}
# Debian's kernels, or those of DIR with what DIR/kernels.list expects of them.
foreign() {
	local run=guest-tests/foreign/run.sh
	must build-foreign mk -s all
	if [ -n "${DIR:-}" ]; then
		tap 1 3600 "$run $DIR/kernels.list $DIR"
	elif [ -e $run ]; then
		must fetch-foreign guest-tests/foreign/fetch.sh
		tap 1 1500 "$run guest-tests/foreign/debian.list build/foreign"
	fi
}
long() {
	FUZZ_SECONDS=${FUZZ_SECONDS:-1800} tap 1 7200 tools/fuzz.sh
	must build-long mk -s all
	tap 1 7200 $(present guest-tests/long/*.t)
	# This line is for the README: nobody runs it every day.
	echo "== check-long, $(date -u '+%-d %B %Y')," \
		"$(git describe --always --dirty), $jobs cores: $(summary | tail -n 1)"
}

everything() {
	stage deps tools/install-deps.sh build bed check
	stage lint lint
	stage build-gcc build CC=gcc
	stage build-clang build CC=clang
	stage demo must demo tools/demo.sh
	stage demo-hrt must demo-hrt tools/demo-hrt.sh
	stage unit unit
	stage unit-asan unit MODE=asan
	stage unit-tsan unit MODE=tsan
	stage model model
	stage guest guest
	stage fuzz fuzz
	stage testbed testbed
	stage foreign foreign
}

if [ $# = 0 ]; then
	everything
else
	for name; do
		case $name in
		lint | unit | model | guest | fuzz | testbed | foreign | long) ;;
		*) echo "check.sh: there is no check-$name; see make help" >&2; exit 2 ;;
		esac
		stage "$name" "$name"
	done
fi

summary >$dir/summary
status=$?
cat $dir/summary
exit $status
