# SPDX-License-Identifier: Apache-2.0
# What is told of a program's calls: as many as strace sees, and what it would
# save to serve them.
# shellcheck shell=sh
. guest-tests/tap.sh

[ -e build/ros/vmlinux ] || skip_all 'no default Linux: make ros'
command -v strace >/dev/null || skip_all 'strace is missing on the host'
build=$PWD/build
minnow=$build/kernels/minnow.elf
r=$tap_dir/report
cd "$tap_dir" || exit 1 # what the program sees of the host's /tmp

# program SECONDS OPTION... -- PROGRAM...
program() {
	program_seconds=$1; shift
	program_options=''
	while [ "$1" != -- ]; do
		program_options="$program_options $1"; shift
	done
	# shellcheck disable=SC2086
	run "$program_seconds" "$build/dive" --mode hrt \
		$program_options $minnow "$@"
}

# csv COLUMN CALL: from the CSV of a report; no report has a comma in a name.
csv() {
	"$build/diver" advise --csv "$r.json" | awk -F, -v column="$1" -v call="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
		NR > 1 && $2 == call { print $at }'
}

# --- bzip2 --------------------------------------------------------------------

head -c 200000 "$build/dive" >data
strace -o "$tap_dir/trace" busybox bzip2 -c "$tap_dir/data" >"$tap_dir/native"
program 250 --report "--report=json:$r.json" "--report=svg:$r.svg" \
	-- busybox bzip2 -c "$tap_dir/data"
diag "$err"
is "$status" 0 'bzip2 ends well'
ok '... its output is the native one' cmp "$tap_dir/native" "$tap_dir/out"
like "$err" '^busybox bzip2 .*: [0-9.]+ s, status 0$' '--report tells of it'
like "$err" '^  computed .* %  #' '... where the time went'
like "$err" '^  read +[1-9][0-9]* .*#' '... how often each call was made'
like "$err" '^Round trips' '... how long each took'
like "$err" '^Page faults: [0-9]' '... page faults'
like "$err" 'stay in Linux' '... what nobody can save'
ok '... and draws it' grep -q '</svg>' "$r.svg"

# strace has execve, but counts by name what the report has by command.
sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$tap_dir/trace" | grep -v '^execve$' |
	sort | uniq -c | awk '{ print $2, $1 }' >"$tap_dir/want"
"$build/diver" advise --csv "$r.json" | awk -F, '
	NR > 1 && $2 !~ /^(page fault|memory for the program)$/ {
		split($2, word, " "); n[word[1]] += $4 + $5 + $6
	}
	END { for (name in n) print name, n[name] }' | sort >"$tap_dir/got"
is "$(cat "$tap_dir/got")" "$(cat "$tap_dir/want")" \
	'it counts what strace counts natively'
forwarded=$("$build/diver" advise --csv "$r.json" |
	awk -F, '$2 !~ /memory/ { n += $4 } END { print n }')
local=$("$build/diver" advise --csv "$r.json" |
	awk -F, '$2 !~ /page/ { n += $5 + $6 } END { print n }')
all=$(awk '{ n += $2 } END { print n }' "$tap_dir/want")
is "$forwarded" $((all - local)) 'forwarded are all but the local ones'

# --- what it would save --------------------------------------------------------

program 250 "--report=json:$r.json" -- "$build/programs/asks" 1500
diag "$err"
is "$status" 0 'a program that asks who it is'
forward=$out
program 250 --serve getpid=local --serve getuid=local --serve uname=local \
	-- "$build/programs/asks" 1500
diag "$err"
is "$status" 0 '... and again, its calls served in the kernel'
for call in getpid uname getuid; do
	is "$(csv forwarded $call)" 1500 "$call: 1500 were forwarded"
	# The interval, and a third more for a busy bed.
	printf '%s\n%s\n' "$forward" "$out" | awk -v call=$call \
		-v low="$(csv saves_low_us $call)" \
		-v best="$(csv saves_us $call)" \
		-v high="$(csv saves_high_us $call)" '
		$1 == call { t[++n] = $2 }
		END {
			saved = t[1] - t[2]
			printf "%d us saved, estimate %d, from %d to %d\n",
				saved, best, low, high
			exit !(saved > low * 0.7 && saved < high * 1.3)
		}' >"$tap_dir/saved"
	is $? 0 "$call: what serving it saves was told before"
	diag "$(cat "$tap_dir/saved")"
done

# --- both ways -----------------------------------------------------------------

run 280 "$build/diver" compare --svg "$r.svg" \
	-- busybox bzip2 -c "$tap_dir/data"
diag "$out"
is "$status" 0 'diver compare: the same both ways'
like "$out" '^  native +[0-9.]+ s .*#' '... how long it took in Linux'
like "$out" '^  hrt +[0-9.]+ s .*#' '... and on the kernel'
like "$out" "$(sha256sum <"$tap_dir/native" | cut -c 1-16)" '... the SHA-256'

# --- and without some of them --------------------------------------------------

run 280 "$build/diver" without --with --cpu=-xsave --call getrandom \
	--call arch_prctl -- "$build/programs/hello" one
diag "$out $err"
is "$status" 0 'diver without'
like "$out" '^  getrandom +does without' '... a call that is not needed'
like "$out" '^  arch_prctl +needs it: status' '... one that is'
is "$(printf '%s\n' "$out" | wc -l)" 3 '... and no other is tried'
done_testing
