# SPDX-License-Identifier: Apache-2.0
# A kernel that lies to its partner, a partner that lies to its kernel: whoever
# is lied to lives on. Root of Linux: writes nothing of the host that is shared
# read only.
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

cat >root.sh <<'S'
mkdir /tmp/again
busybox mount -t virtiofs dive.root /tmp/again || echo 'no mount'
busybox mount -o remount,rw / || echo 'no remount'
busybox mount -o remount,rw /tmp/again || echo 'no remount'
for root in '' /tmp/again; do
	(: >$root/new) && echo 'made a file'
	(: >$root/secret) && echo 'emptied a file'
	busybox mknod $root/node c 1 3 && echo 'made a node'
	busybox chmod 666 $root/secret && echo 'changed rights'
	busybox ln $root/secret $root/name && echo 'made a name'
	busybox rm $root/secret && echo 'removed a file'
done
busybox ls -l /proc/self/fd | busybox grep -c ' [0-9]* ->'
echo done
S
echo secret >/secret
chmod 600 /secret
find / -maxdepth 1 >before
hrt --native "$top/build/kernels/minnow.elf" -- busybox sh root.sh </dev/null
diag "$out" "$err"
like "$out" '^done$' 'root of Linux mounts all of the host again'
unlike "$out" '^no |^made|^emptied|^changed|^removed' '... and can change nothing'
is "$(find / -maxdepth 1 | diff before -)$(stat -c %a /secret) $(cat /secret)" \
	'600 secret' '... nothing at all'
like "$out" '^3$' '... and no descriptor of others is left to it'
rm /secret

done_testing
