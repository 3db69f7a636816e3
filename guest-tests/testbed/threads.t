# SPDX-License-Identifier: Apache-2.0
# Threads, futexes and clocks of programs on Minnow, as they are in Linux.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/program.sh

split 280 --window 128M --hrt-cpus 2 <<E
$both
both threads
both futexes
both clocks 4000
OMP_NUM_THREADS=2 both stencil
timeout 60 partner stencil
timeout 100 partner clocks 10000
echo "clocks \$?"
E
diag "$out"
for command in threads futexes 'clocks 4000' stencil; do
	like "$out" "^same: $command\$" "$command"
done
like "$out" '^more than one thread: yes' 'stencil: as many threads as CPUs of Minnow'
like "$out" '^clocks 0' '10000 readings'
is "$(printf '%s\n' "$out" | grep -c '^not ok')" 0 '... all good'
done_testing
