# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# TAP for shell tests: source it from the repository root; dash, bash and
# busybox ash. A test file ends with done_testing.
#
#   run 10 build/dive build/kernels/hello.elf   # at most 10 s; -> $status,
#   is "$status" 0 'hello returns 0'            #   $out, $err, $tap_dir/out
#   like "$out" '^hello' 'and says so'

tap_n=0
tap_failed=0
tap_dir=$(mktemp -d) || exit 1
trap 'rm -rf "$tap_dir"' EXIT
trap 'exit 1' HUP INT TERM
exec </dev/null

# plan N: optional; without it done_testing prints the plan.
plan() { tap_planned=$1; echo "1..$1"; }

# diag TEXT: lines for the reader of a failure.
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

pass() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $*"; }

fail() { tap_n=$((tap_n + 1)); tap_failed=1; echo "not ok $tap_n - $*"; }

# ok NAME COMMAND...: passes when COMMAND does.
ok() {
	tap_name=$1; shift
	if "$@"; then pass "$tap_name"; else fail "$tap_name"; fi
}

# is GOT WANT NAME
is() {
	if [ "$1" = "$2" ]; then pass "$3"; return; fi
	fail "$3"; diag "got:  $1"; diag "want: $2"
}

# like TEXT REGEX NAME: some line of TEXT matches the extended REGEX.
like() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then pass "$3"; return; fi
	fail "$3"; diag "no line like: $2"; diag "$1"
}

# unlike TEXT REGEX NAME: no line does.
unlike() {
	if ! printf '%s\n' "$1" | grep -Eq -e "$2"; then pass "$3"; return; fi
	fail "$3"; diag "a line like: $2"; diag "$1"
}

# skip NAME WHY: one test not run; a failure where nothing may be skipped.
skip() {
	if [ "${DIVE_NO_SKIP:-0}" = 1 ]; then fail "$1"; diag "may not skip: $2"
	else pass "$1 # SKIP $2"; fi
}

# skip_all WHY: the whole file, before any test.
skip_all() {
	[ "${DIVE_NO_SKIP:-0}" = 1 ] || { echo "1..0 # SKIP $1"; exit 0; }
	fail "may not skip: $1"; done_testing
}

# kvm_trouble: why /dev/kvm cannot be used, or nothing.
kvm_trouble() {
	if [ ! -e /dev/kvm ]; then echo '/dev/kvm is missing'
	elif [ ! -c /dev/kvm ]; then echo '/dev/kvm is not a device'
	elif ! (: <>/dev/kvm) 2>/dev/null; then
		echo 'no permission to open /dev/kvm'
	fi
}

need_kvm() { [ -z "$(kvm_trouble)" ] || skip_all "$(kvm_trouble)"; }

# run SECONDS COMMAND...: stdin is what the caller redirects, else empty.
# When the time is up $status is 124, in busybox 143.
# shellcheck disable=SC2034 # the caller reads status, out and err
run() {
	tap_seconds=$1; shift
	status=0
	timeout -k 5 "$tap_seconds" "$@" >"$tap_dir/out" 2>"$tap_dir/err" ||
		status=$?
	out=$(tr -d '\000' <"$tap_dir/out")
	err=$(tr -d '\000' <"$tap_dir/err")
}

done_testing() {
	[ -n "${tap_planned:-}" ] || echo "1..$tap_n"
	[ "${tap_planned:-$tap_n}" = "$tap_n" ] || tap_failed=1
	exit "$tap_failed"
}
