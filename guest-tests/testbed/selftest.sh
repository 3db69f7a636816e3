# SPDX-License-Identifier: Apache-2.0
# TAP on the host: what run.sh and prove.sh promise, and how they fail.
# Nine boots. Run from the repository root.
# shellcheck shell=sh
. guest-tests/tap.sh

bed=guest-tests/testbed/run.sh
limit=400
for kernel in 6.1 6.12; do guest-tests/testbed/prepare.sh $kernel >/dev/null; done

# --- a command's output, status, arguments and files come through --------------
share=$tap_dir/a,b
mkdir "$share"
head -c 3000000 /dev/urandom >"$share/random"
# shellcheck disable=SC2016 # for the shell in the bed
run $limit $bed --share "$share" --keep-out "$tap_dir/kept" sh -c '
	cat /share/random; printf "%s|" "$@" >&2
	read -r line || echo "no input" >/out/stdin
	cp /share/random /share/copy; exit 42' sh "it's" 'a "b"  \c' '' 'two
lines
'
is "$status" 42 'status'
ok 'standard output, byte for byte' cmp "$share/random" "$tap_dir/out"
ok 'standard error, byte for byte, and nothing else on it' \
	test "$(cat "$tap_dir/err"; echo .)" = "it's|a \"b\"  \\c||two
lines
|."
is "$(cat "$tap_dir/kept/stdin")" 'no input' \
	'standard input is empty; --keep-out keeps'
ok '--share can be written' cmp "$share/random" "$share/copy"

# --- options ------------------------------------------------------------------
run $limit $bed --kernel 6.12 --tcg multi --cpus 3 --mem 1G \
	--append 'one=two three' --keep-log "$tap_dir/log" sh -c '
	uname -r; nproc; free -m | sed -n "s/Mem: *//p"; cat /proc/cmdline
	kill -9 $$'
is "$status" 137 'a command killed by a signal'
diag "$err"
like "$out" '^6\.12\.' '--kernel'
like "$out" '^3$' '--cpus'
like "$out" '^9[0-9][0-9] ' '--mem'
like "$out" ' one=two three$' '--append'
ok '--keep-log' test -f "$tap_dir/log"

run $limit guest-tests/testbed/prove.sh --cpus 2 guest-tests/testbed/bed.t
is "$status" 0 'prove.sh, with two processors'
like "$out" '^ok 10 - bed.t: and comes back' 'runs the whole of bed.t'

# --- failures of the bed are 125 and say what ---------------------------------
run $limit $bed sh -c 'echo before; echo c >/proc/sysrq-trigger; sleep 20'
is "$status" 125 'a panic of its kernel'
like "$err" "kernel panicked: Kernel panic .*sysrq" 'is called one'
is "$out" before 'what was printed before is there'

run $limit $bed --timeout 2 sh -c 'echo before; sleep 1000'
is "$status" 125 'a command that hangs'
like "$err" 'did not end in 2 s' 'is called that'

run $limit $bed reboot -f
is "$status" 125 'a reset'
like "$err" 'off or reset before the command ended' 'is called that'

run $limit $bed --mem 1X true
is "$status" 125 'an option QEMU does not like'
like "$err" 'QEMU refused' 'is passed on'

run 10 $bed --cpu 2 true
is "$status" 125 'an option that does not exist'
like "$err" 'no option --cpu' 'is named'

# QEMU aborts, once: by a stand-in before the real one in PATH.
mkdir "$tap_dir/bin"
cat >"$tap_dir/bin/qemu-system-x86_64" <<EOF
#!/bin/sh
[ -e $tap_dir/aborted ] || { : >$tap_dir/aborted; kill -ABRT \$\$; }
exec $(command -v qemu-system-x86_64) "\$@"
EOF
chmod +x "$tap_dir/bin/qemu-system-x86_64"
run $limit env PATH="$tap_dir/bin:$PATH" $bed echo again
is "$status $out" '0 again' 'after an abort of QEMU the command runs again'
like "$err" 'once more.*died of signal 6' 'and that is said'

# It stands still, once.
cat >"$tap_dir/bin/qemu-system-x86_64" <<EOF
#!/bin/sh
[ -e $tap_dir/stopped ] || { : >$tap_dir/stopped; kill -STOP \$\$; }
exec $(command -v qemu-system-x86_64) "\$@"
EOF
run $limit env PATH="$tap_dir/bin:$PATH" $bed echo again
is "$status $out" '0 again' 'after it stood still, too'
like "$err" 'once more.*stood still' 'and that is said'

# --- nothing is left ----------------------------------------------------------
$bed sleep 100 >"$tap_dir/out" 2>&1 &
pid=$!
while [ ! -s "build/testbed/run.$pid/ctl" ] && kill -0 $pid; do sleep 0.2; done
is "$(pgrep -cf "run.$pid/initrd")" 1 'a bed is up'
kill -KILL $pid
tries=0
while pgrep -f "run.$pid/" >/dev/null && [ $tries -lt 50 ]; do
	sleep 0.2
	tries=$((tries + 1))
done
is "$(pgrep -cf "run.$pid/")" 0 'run.sh killed: its QEMU is gone too'

# --- merge.awk ------------------------------------------------------------------
merged() {
	# shellcheck disable=SC2059 # \n in it is meant
	printf "$1" | awk -f guest-tests/testbed/merge.awk | paste -sd /
}
is "$(merged '#:bed begin x/a.t 1\nok 1 - p\nnot ok 2 - q\n# why\n1..2\n#:bed end 1 3\n#:bed begin b.t 3\n1..0 # SKIP no\n#:bed end 0 4\n#:bed status 0\n')" \
	'ok 1 - a.t: p/not ok 2 - a.t: q/# why/# a.t took 2.0 s/ok 3 - b.t: # SKIP no/# b.t took 1.0 s/1..3' \
	'two scripts become one TAP'
is "$(merged '#:bed begin a.t 1\nok 1 - p\n#:bed end 0 3\n#:bed begin b.t 3\nok 1\n1..2\n#:bed end 0 3\n#:bed status 0\n')" \
	'ok 1 - a.t: p/not ok 2 - a.t: printed no plan/# a.t took 2.0 s/ok 3 - b.t: /not ok 4 - b.t: planned 2 tests, ran 1/# b.t took 0.0 s/1..4' \
	'no plan and a wrong plan are failures'
is "$(merged '#:bed begin a.t 1\nok 1 - p\n1..1\n#:bed end 7 3\n#:bed begin b.t 3\nok 1 - r\n#:bed status 125\n')" \
	'ok 1 - a.t: p/not ok 2 - a.t: ended with status 7/# a.t took 2.0 s/ok 3 - b.t: r/not ok 4 - b.t: ended with status unknown: the bed stopped in it/1..4' \
	'a bad status and a bed that stops are failures'
is "$(merged '#:bed begin a.t 1\nok 1 - p\n1..1\n#:bed end 0 2\n#:bed begin b.t 3\n#:bed begin a.t 1\nok 1 - p\n1..1\n#:bed end 0 2\n#:bed begin b.t 3\nok 1 - r\n1..1\n#:bed end 0 4\n#:bed status 0\n')" \
	'ok 1 - a.t: p/# a.t took 1.0 s/ok 2 - b.t: r/# b.t took 1.0 s/1..2' \
	'after a second start nothing counts twice'
is "$(merged '#:bed status 125\n')" \
	'not ok 1 - test bed: run.sh ended with status 125/1..1' \
	'a bed that does not start is a failure'

done_testing
