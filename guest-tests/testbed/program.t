# SPDX-License-Identifier: Apache-2.0
# Programs of Linux on Minnow: as they are natively in the same Linux.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/program.sh

split 280 --window 128M --hrt-cpus 2 <<E
$both
both hello one two
both hello-dynamic
ln -s /bin/hello /tmp/link
ln -s /bin/busybox /tmp/readlink
printf '#!/bin/hello word\n' >/tmp/script
chmod 755 /tmp/script
cd /tmp
both ./link
both ./script one
both ./readlink /proc/self/exe
cd /
both maps
both maps-dynamic
both crowd
both crowd-dynamic
both ls -l /usr
both sha256sum /bin/busybox
for i in 1 2 3 4 5 6 7 8; do both true; done
both sh -c 'exit 3'
timeout 60 partner full; echo "full: \$?"
timeout 60 partner full touch; echo "touch: \$?"
partner sleep 100 &
sleep 3; kill -9 \$!; wait \$!; echo "killed: \$?"
timeout 60 partner hello </dev/null; echo "after it: \$?"
exit 3
E
diag "$out"
is "$status" 3 'Linux ends'
for command in 'hello one two' hello-dynamic './link' './script one' \
	'./readlink /proc/self/exe' maps maps-dynamic crowd \
	crowd-dynamic 'ls -l /usr' 'sha256sum /bin/busybox' 'sh -c exit 3'; do
	like "$out" "^same: $command\$" "$command"
done
is "$(printf '%s\n' "$out" | grep -c '^same: true$')" 8 'one after the other'
like "$out" 'error 12, more than 16 MB: 1' 'a full window: ENOMEM'
like "$out" 'again: 1' '... and the program goes on'
like "$out" '^touch: 135$' 'more than fits: the program is killed'
like "$out" 'minnow: /bin/full is killed: the window is full' '... with a message'
like "$out" '^killed: 137$' 'the partner is killed'
like "$out" 'minnow: .* its partner in Linux is gone' '... the kernel says so'
like "$out" '^after it: 0$' '... and runs the next program'
done_testing
