#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kernels as filters: what goes in comes out, whoever starts, waits or leaves.
. guest-tests/tap.sh
need_kvm

k=build/kernels
status_file=$tap_dir/status
in=$tap_dir/in

# dive KERNEL...: leaves its status in a file, for use inside a pipe.
dive() {
	dive_status=0
	build/dive --timeout 20 --quiet "$@" 2>>"$tap_dir/err" || dive_status=$?
	echo $dive_status >"$status_file"
}
ended() { is "$(cat "$status_file")" "$1" "$2: status $1"; }

# Every size around what a ring, a pipe and a page hold.
for size in 0 1 4095 4096 4097 65535 65536 65537 300000; do
	head -c $size /dev/urandom >"$in"
	dive $k/echo.elf <"$in" >"$tap_dir/out"
	ok "$size bytes through a kernel" cmp "$in" "$tap_dir/out"
	# shellcheck disable=SC2002 # the first reader is to be a pipe, too
	is "$(cat "$in" | dive $k/upper.elf | dive $k/sum.elf | sort)" \
		"$(LC_ALL=C tr "[:lower:]" "[:upper:]" <"$in" | sum -s)" \
		"$size bytes through two kernels between two programs"
done

# A writer and a reader that sleep. 20 pieces with gaps; then a full pipe.
n=0
while [ $n -lt 20 ]; do echo "line $n"; n=$((n + 1)); done >"$in"
while read -r line; do echo "$line"; sleep 0.02; done <"$in" |
	dive $k/echo.elf >"$tap_dir/out"
ok 'a slow writer' cmp "$in" "$tap_dir/out"
ended 0 'a slow writer'
head -c 300000 /dev/urandom >"$in"
dive $k/echo.elf <"$in" | { sleep 0.5; dd bs=1000 2>/dev/null; } >"$tap_dir/out"
ok 'a slow reader' cmp "$in" "$tap_dir/out"
ended 0 'a slow reader'
is "$(head -c 1000 "$in" | dive $k/polite.elf -- 200000 |
	{ sleep 1; wc -c; })" 201000 'a kernel that writes first, then reads'
ended 0 'a kernel that writes first'

# Back pressure: nobody reads, so dive neither grows nor burns the CPU.
mkfifo "$tap_dir/fifo"
sh -c 'exec sleep 60' <"$tap_dir/fifo" &
sleeper=$!
build/dive --timeout 10 --quiet --mem 16M $k/hostile-flood.elf \
	>"$tap_dir/fifo" 2>/dev/null &
flood=$!
sleep 2
rss=$(awk '/^VmHWM/ { print $2 }' /proc/$flood/status)
ok "back pressure: $rss KiB are in use" test "${rss:-99999}" -lt 8192
ok 'back pressure: it waits' test -d /proc/$flood
kill $sleeper
wait $sleeper 2>/dev/null
status=0
wait $flood || status=$?
is $status 141 'its reader leaves: as if killed by SIGPIPE'

# Readers that leave early, from a kernel that does not care and one that does.
is "$(dive $k/hostile-flood.elf 2>/dev/null | head -c 10)" '!!!!!!!!!!' \
	'head takes ten bytes'
ended 141 'head takes ten bytes'
is "$(sleep 1 | dive $k/polite.elf -- 200000 | head -c 3)" ... \
	'head of a kernel that can be asked to leave'
ended 7 'head of a kernel that can be asked to leave'
is "$(dive $k/hostile-flood.elf 2>&1 | head -c 10)" '!!!!!!!!!!' \
	'head of both outputs in one pipe'
ended 141 'head of both outputs in one pipe'

# Writers that leave early, or are not there.
is "$(printf 'half a li' | dive $k/upper.elf)" 'HALF A LI' 'no newline at the end'
is "$({ sh -c 'printf some; kill -KILL $$' | dive $k/upper.elf; } 2>/dev/null)" \
	SOME 'a writer that is killed'
is "$(dive $k/sum.elf </dev/null)" '0 0' '/dev/null as input'
is "$(dive $k/sum.elf <&-)" '0 0' 'closed input is empty input'
ended 0 'closed input'

# Outputs that are closed, full, or files.
: >"$tap_dir/err"
dive $k/hello.elf >&-
ended 125 'closed output'
like "$(cat "$tap_dir/err")" "cannot write the kernel's output: Bad file" \
	'closed output: says so'
: >"$tap_dir/err"
dive $k/hello.elf >/dev/full
ended 125 'a full disk'
like "$(cat "$tap_dir/err")" "cannot write the kernel's output: No space left" \
	'a full disk: says so'
dive $k/echo.elf <"$in" >/dev/full
ended 125 'a full disk, much output'
status=0
build/dive --json $k/hello.elf >/dev/full 2>"$tap_dir/err" || status=$?
like "$(cat "$tap_dir/err")" '"cause":"io","status":125' 'a full disk: JSON'
dive $k/own-mb2.elf >/dev/full
ended 125 'a full disk and a PC'
is "$(build/dive $k/smp.elf 2>/dev/full)" '1 cpus, sum 1000' \
	'a console that cannot be written ends nothing'
is "$(build/dive $k/smp.elf 2>&-)" '1 cpus, sum 1000' 'nor one that is closed'
status=0
build/dive $k/hello.elf <&- >&- 2>&- || status=$?
is $status 125 'with everything closed'
dive $k/echo.elf <"$in" >"$tap_dir/out"
dive $k/upper.elf </dev/null >>"$tap_dir/out"
ok 'to a file, and appended' cmp "$in" "$tap_dir/out"
done_testing
