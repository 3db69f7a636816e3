#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What foreign kernels find, with small ones of our own: CPUs by the MP table,
# a VGA screen.
# shellcheck disable=SC2154 # run sets status, out and err
. guest-tests/tap.sh
need_kvm

mp=build/kernels/own-mp.elf

for cpus in 1 2 4; do
	run 30 build/dive --timeout 20 --cpus $cpus $mp
	is "$out" "CPUs $(seq -s ' ' 0 $((cpus - 1))) run" \
		"own-mp starts $cpus CPUs that the MP table names"
	is "$status" 0 '... and says so'
done

# --- the screen ---------------------------------------------------------------

screen='dive: the VGA text screen:
| CPUs 0 run'
run 30 build/dive --timeout 20 --screen $mp
is "$err" "$screen" '--screen after an ordinary end'
run 30 build/dive --timeout 2 --screen $mp wait
is "$status" 124 'own-mp waits'
is "$(printf '%s\n' "$err" | sed 1d)" "$screen" '--screen after a time limit'

build/dive --timeout 20 --screen $mp wait >"$tap_dir/out" 2>"$tap_dir/err" &
pid=$!
while ! grep -q run "$tap_dir/out"; do sleep 0.1; done
kill -QUIT $pid
while ! grep -q '^|' "$tap_dir/err"; do sleep 0.1; done
is "$(sed 1d "$tap_dir/err")" "$screen" 'Ctrl-\ shows the screen'
kill -TERM $pid
{ wait $pid; } 2>/dev/null
is "$(sed 1,3d "$tap_dir/err")" "$screen" '--screen after a signal'

run 30 build/dive --timeout 20 --json --screen $mp
like "$err" '"screen":\["CPUs 0 run"\]' 'the lines are in the JSON'
run 30 build/dive --timeout 20 --screen build/kernels/hello.elf
is "$err" '' 'a contract kernel has no screen'
done_testing
