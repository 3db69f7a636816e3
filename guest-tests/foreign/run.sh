#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh LIST DIR: boots the kernels of DIR as LIST says and prints TAP.
#
# LIST has one test a line, six columns with | between them, # for comments:
#   file       the kernel, in DIR
#   arguments  dive's options (their files are in DIR, too), -- and the kernel's
#   text       must be printed: an extended regular expression, or several with
#              && between them; the order does not matter; empty: nothing
#   status     dive's exit status; or "stop": stop it once the text is there
#   seconds    time limit
#   where      local: on this machine's KVM if it has one, else in the test bed;
#              bed: in the test bed; "bed, again if TEXT": booted once more when
#              the kernel printed TEXT, which says that the bed was too slow
# What is between quotes in the arguments is one word; nothing is expanded.
# The results go to build/foreign/NAME.tsv as well when LIST is NAME.list;
# table.sh makes a table of them.

set -eu
export LC_ALL=C

usage() { echo "usage: guest-tests/foreign/run.sh LIST DIR" >&2; exit 2; }

# --here N RESULTS: every line on this machine, numbered from N. For the bed.
here='' first=1 results=''
if [ "${1:-}" = --here ]; then
	here=1 first=$2 results=$3
	shift 3
fi
[ $# = 2 ] || usage
list=$1
[ -r "$list" ] || { echo "run.sh: cannot read the list $list" >&2; exit 2; }
dir=$(cd "$2" && pwd) || exit 2
list=$(cd "$(dirname "$list")" && pwd)/$(basename "$list")

cd "$(dirname "$0")/../.."
dive=$PWD/${O:-build}/dive
[ -x "$dive" ] || { echo "run.sh: no $dive; run make first" >&2; exit 2; }
[ -n "$results" ] || results=build/foreign/$(basename "$list" .list).tsv
mkdir -p "$(dirname "$results")"
results=$(cd "$(dirname "$results")" && pwd)/$(basename "$results")

tmp=$(mktemp -d)
dive_pid=0
# shellcheck disable=SC2317 # trap calls it
clean() {
	[ $dive_pid = 0 ] || kill "$dive_pid" 2>/dev/null || :
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# The columns without the blanks around them, tab between; bad lines are said.
awk -F '|' '
	/^[ \t]*(#|$)/ { next }
	NF != 6 { print FILENAME ":" FNR ": not six columns" >"/dev/stderr"; bad = 1 }
	{
		for (i = 1; i <= NF; i++) {
			gsub(/^[ \t]+|[ \t]+$/, "", $i)
			printf "%s%s", $i == "" ? "-" : $i, i < NF ? "\t" : "\n"
		}
	}
	END { exit bad }' "$list" >"$tmp/all" || exit 2

# printed: what dive's output says, one text, without colours and returns.
escape=$(printf '\033')
printed() {
	tr -d '\000\r' <"$tmp/out" |
		sed "s/${escape}\\[[0-9;?]*[A-Za-z]/ /g; s/${escape}[()][A-Z0-9]//g"
}

# missing TEXT: the first part of the expected text that is not there.
missing() {
	printed >"$tmp/text"
	printf '%s\n' "$1" | sed 's/ *&& */\n/g' | while read -r part; do
		[ "$part" = - ] || grep -Eaq -e "$part" "$tmp/text" ||
			{ printf '%s\n' "$part"; break; }
	done
}

# clock: sets ms, a time in milliseconds.
clock() { read -r ms _ </proc/uptime; ms=${ms%.*}${ms#*.}0; }

# ended_within SECONDS: has dive?
ended_within() {
	clock
	until_ms=$((ms + $1 * 1000))
	while [ "$ms" -lt $until_ms ]; do
		kill -0 $dive_pid 2>/dev/null || return 0
		sleep 0.1
		clock
	done
	return 1
}

# boot FILE ARGUMENTS TEXT STATUS SECONDS: runs dive; sets got and took (ms).
boot() {
	file=$1 words=$2 text=$3 want=$4 limit=$5 placed=
	[ "$words" != - ] || words=
	set -- --timeout "$limit"
	while IFS= read -r word; do
		if [ "$word" = -- ] && [ -z "$placed" ]; then
			set -- "$@" "$file"
			placed=1
		fi
		[ -z "$word" ] || set -- "$@" "$word"
	done <<EOF
$(printf '%s\n' "$words" | xargs -n 1 printf '%s\n')
EOF
	[ -n "$placed" ] || set -- "$@" "$file"

	clock
	began=$ms
	(cd "$dir" && exec "$dive" "$@") </dev/null >"$tmp/out" 2>&1 &
	dive_pid=$!
	got=
	while kill -0 $dive_pid 2>/dev/null; do
		if [ "$want" = stop ] && [ -z "$(missing "$text")" ]; then
			got=stop
			kill -TERM $dive_pid 2>/dev/null || :
			ended_within 3 ||
				kill -KILL $dive_pid 2>/dev/null || :
			break
		fi
		# dive keeps the time limit itself; this is for when it does not.
		clock
		[ $((ms - began)) -lt $(((limit + 20) * 1000)) ] ||
			kill -KILL $dive_pid 2>/dev/null || :
		sleep 0.2
	done
	clock
	took=$((ms - began))
	code=0
	{ wait $dive_pid || code=$?; } 2>/dev/null
	dive_pid=0
	[ -n "$got" ] || got=$code
}

# again ROW...: was the bed too slow for this kernel?
again() {
	slow=${6#*, again if }
	[ "$slow" != "$6" ] && printed | grep -aEq -e "$slow"
}

# judge ROW...: boots one line of the list, prints its result and notes it.
judge() {
	total=$((total + 1))
	label="$1 $2"
	[ "$2" != - ] || label=$1
	boot "$1" "$2" "$3" "$4" "$5"
	if again "$@"; then
		echo "# $1: once more, the bed was too slow: it printed '$slow'"
		boot "$1" "$2" "$3" "$4" "$5"
	fi
	lacks=$(missing "$3")
	verdict=ok
	[ -z "$lacks" ] || verdict="'$lacks' was not printed"
	[ "$got" = "$4" ] || verdict="status $got, not $4${lacks:+; $verdict}"
	seconds=$((took / 1000)).$((took / 100 % 10))
	if [ "$verdict" = ok ]; then
		echo "ok $total - $label # $seconds s"
	else
		failed=1
		echo "not ok $total - $label"
		echo "# $verdict, after $seconds s; printed was:"
		printed | tail -n 25 | cut -c 1-160 | sed 's/^/# | /'
	fi
	printf '%s\t' "$@" "$seconds" "$verdict" | sed 's/\t$//' >>"$results"
	echo >>"$results"
}

# rows FILE: all of them, where we are.
rows() {
	while IFS="$tab" read -r c1 c2 c3 c4 c5 c6 <&4; do
		judge "$c1" "$c2" "$c3" "$c4" "$c5" "$c6"
	done 4<"$1"
}

tab=$(printf '\t')
total=$((first - 1)) failed=
if [ -n "$here" ]; then
	rows "$tmp/all"
	exit
fi

: >"$results"
: >"$tmp/local"
# A first look at /dev/kvm; dive says more when it does not work.
if [ -w /dev/kvm ]; then
	awk -F '\t' '$6 == "local"' "$tmp/all" >"$tmp/local"
	awk -F '\t' '$6 != "local"' "$tmp/all" >"$tmp/bed"
else
	echo "# no usable /dev/kvm: everything runs in the test bed"
	sed 's/\tlocal$/\tbed/' "$tmp/all" >"$tmp/bed"
fi
rows "$tmp/local"

if [ -s "$tmp/bed" ]; then
	# One boot for all: what is left of the list goes in, results come out.
	mkdir "$tmp/kept"
	tr '\t' '|' <"$tmp/bed" >"$tmp/kept/list"
	limit=$(awk -F '\t' '
		{ s += ($5 + 25) * ($6 ~ /again/ ? 2 : 1) }
		END { print s + 60 }' "$tmp/bed")
	code=0
	guest-tests/testbed/run.sh --mem 3G --timeout "$limit" \
		--share "$dir" --keep-out "$tmp/kept" \
		sh guest-tests/foreign/run.sh \
		--here $((total + 1)) /out/results.tsv /out/list /share || code=$?
	did=$(wc -l <"$tmp/kept/results.tsv" 2>/dev/null || echo 0)
	cat "$tmp/kept/results.tsv" >>"$results" 2>/dev/null || :
	! awk -F '\t' '$8 != "ok" { bad = 1 } END { exit !bad }' "$results" ||
		failed=1
	total=$((total + did))
	tail -n "+$((did + 1))" "$tmp/bed" | cut -f 1,2 >"$tmp/undone"
	while IFS="$tab" read -r c1 c2 <&4; do
		total=$((total + 1)) failed=1
		echo "not ok $total - $c1 $c2"
		echo "# the test bed ended before or in it, with status $code"
	done 4<"$tmp/undone"
fi
echo "1..$total"
[ -z "$failed" ]
