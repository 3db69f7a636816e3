# SPDX-License-Identifier: Apache-2.0
# 100000 readings of a clock, told by Minnow and by Linux in turns: none is
# earlier than the one before. Linux has two CPUs: a forwarded one is fast.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/program.sh

split 290 --window 128M --hrt-cpus 2 --ros-cpus 2 <<E
guest-window || exit
timeout 260 partner clocks 100000
echo "clocks \$?"
E
diag "$out"
like "$out" '^clocks 0' '100000 readings'
like "$out" '^ok told here and in Linux by turns' '... none earlier than the last'
is "$(printf '%s\n' "$out" | grep -c '^not ok')" 0 '... all good'
done_testing
