# SPDX-License-Identifier: Apache-2.0
# A kernel that lies to its partner, a partner that lies to its kernel: whoever
# is lied to lives on.
# shellcheck shell=sh
. guest-tests/tap.sh
[ -e build/ros/vmlinux ] || skip_all 'there is no default Linux'

top=$PWD
cp build/partner build/programs/vandal "$tap_dir/"
cd "$tap_dir" || exit 1

hrt() { run 280 "$top/build/dive" --mode hrt "$@"; }

# It ends the program with 7, when all it has asked for is answered or refused.
hrt "$top/build/kernels/hostile-channel.elf" -- busybox echo never </dev/null
is "$status" 7 'nonsense in every field of every channel: the partner lives'
like "$err" 'hostile-channel: 2000 requests, [1-9][0-9]+ answers' '... and was asked for it'
is "$out" '' '... the program was never run'

cat >after.sh <<'S'
./vandal 60
./partner busybox echo "as ever" || echo "status $?"
S
hrt --native --console both "$top/build/kernels/minnow.elf" -- busybox sh after.sh </dev/null
is "$status" 0 'nonsense in every answer and every job'
like "$out" 'vandal: [1-9][0-9]* jobs taken, [1-9][0-9]+ answers' \
	'... the kernel listened to it'
like "$out" '^as ever$' '... and then runs a program as ever'
unlike "$err" 'crashed' '... it did not fail'

done_testing
