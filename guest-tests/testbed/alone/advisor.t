# SPDX-License-Identifier: Apache-2.0
# What the advisor promises, and what then comes of it: in three programs of
# Debian's packages the call that it names first of those that Minnow can serve
# is served by Minnow. How often is exact; how long is told.
# shellcheck shell=sh disable=SC2016 # of other shells
. guest-tests/tap.sh
. guest-tests/testbed/packages.sh

[ -e /share/core.cpio ] || skip_all 'ladder.sh brings the programs'
bring core
dive=$PWD/build/dive
diver=$PWD/build/diver
minnow=$PWD/build/kernels/minnow.elf
mkdir "$tap_dir/work"
cd "$tap_dir/work" || exit 1

# report NAME SERVE... -- PROGRAM...: leaves NAME.json, .text, .out and .csv
report() {
	name=$tap_dir/$1; shift
	words=''
	while [ "$1" != -- ]; do
		words="$words --serve $1"; shift
	done
	rm -f ./*
	# shellcheck disable=SC2086 # words
	run 250 "$dive" --mode hrt $words --report \
		"--report=json:$name.json" "$minnow" "$@" <"$tap_dir/input"
	printf '%s\n' "$err" >"$name.text"
	cp "$tap_dir/out" "$name.out"
	"$diver" advise --csv "$name.json" >"$name.csv"
}

# csv NAME COLUMN CALL: no report has a comma in a name.
csv() {
	awk -F, -v column="$2" -v call="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
		NR > 1 && $2 == call { print $at }' "$tap_dir/$1.csv"
}

run_us() {
	sed -n 's/.*"run_ns":\([0-9]*\)[0-9]\{3\}[,}].*/\1/p' "$tap_dir/$1.json"
}

# told CALL: the estimate beside what was measured, as a share of the first run.
told() {
	awk -v call="$1" -v before="$(run_us before)" -v after="$(run_us after)" \
		-v way="$(csv before way_us "$1")" \
		-v linux="$(csv before linux_us "$1")" \
		-v low="$(csv before saves_low_us "$1")" \
		-v best="$(csv before saves_us "$1")" \
		-v high="$(csv before saves_high_us "$1")" 'BEGIN {
		saved = before - after
		off = best ? 100 * (saved / best - 1) : 0
		where = off >= -30 && off <= 30 ? "within 30 %" : \
			saved >= low && saved <= high ? "in the interval" : \
			"outside the interval"
		printf "%s: estimate %.1f ms (%.1f to %.1f) of %.1f; ", call,
			best / 1e3, low / 1e3, high / 1e3, before / 1e3
		printf "measured %.1f ms, %s\n", saved / 1e3, where
	}'
}

# advise COUNT ASKED CALL TITLE SERVE... -- PROGRAM...: CALL is the first that
# Minnow can serve, made COUNT times; when it serves them, Linux is ASKED.
advise() {
	count=$1 asked=$2 call=$3 title=$4; shift 4
	report before "$@"
	is "$status" 0 "$title"
	[ "$status" = 0 ] || diag "$err"
	top=$(sed -n 's/^Minnow already can, with --serve \([a-z_]*\)=local.*/\1/p' \
		"$tap_dir/before.text")
	is "$top" "$call" '... what Minnow should serve next'
	like "$(cat "$tap_dir/before.text")" \
		"^ +[0-9]+\. $call +$count +[0-9.]+ [mu]?s +[0-9.]+ % \([0-9.]+ to [0-9.]+\)" \
		'... it is told what that saves, with an interval'
	is "$(csv before forwarded "$call") $(csv before local "$call")" \
		"$count 0" "... $call: $count were forwarded"
	while [ "$1" != -- ]; do shift; done
	report after "$call=local" "$@"
	is "$status" 0 "... $title, with --serve $call=local"
	is "$(csv after forwarded "$call") $(csv after local "$call")" \
		"$asked $((count - asked))" "... $((count - asked)) are served"
	ok '... the output is the same' \
		cmp "$tap_dir/before.out" "$tap_dir/after.out"
	diag "$(told "$call")"
}

: >"$tap_dir/input"
report warm -- sqlite3 x.db 'select 1' # an emulator translates code once
is "$status" 0 'a program of Debian'
{
	echo 'create table t(a);'
	seq 300 | sed "s/.*/insert into t values(&||' at '||datetime());/"
	echo "select count(*), min(a) like '1 at 20__-%' from t;"
} >"$tap_dir/input"
advise 300 0 gettimeofday 'sqlite3 looks at the clock' gettimeofday=forward -- \
	sqlite3
: >"$tap_dir/input"
# Linux is asked once who it is.
advise 300 1 geteuid 'busybox sh looks whether it may read' -- busybox sh -c \
	'n=0; while [ $n -lt 300 ]; do [ -r /init ] && n=$((n + 1)); done; echo $n'
advise 300 0 clock_gettime 'lua looks at the clock' clock_gettime=forward -- \
	lua5.4 -e 'for i = 1, 300 do t = os.clock() end print(t > 0)'
cd / || exit 1
done_testing
