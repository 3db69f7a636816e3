# SPDX-License-Identifier: Apache-2.0
# A user without privileges runs programs beside the default Linux: they have his
# rights, and what they make is his.
# shellcheck shell=sh
. guest-tests/tap.sh

[ -e build/ros/vmlinux ] || skip_all 'no build/ros: make ros'
dive=$PWD/build/dive
minnow=$PWD/build/kernels/minnow.elf
work=/tmp/his
elsewhere=/elsewhere
chmod 666 /dev/kvm
mkdir -p /etc $work $elsewhere
cp /etc/passwd "$tap_dir/passwd" 2>/dev/null
echo 'user:x:1000:1001::/:/bin/sh' >>/etc/passwd
echo 'other:x:1002:1001::/:/bin/sh' >>/etc/passwd
echo 'his own' >$elsewhere/his
echo secret >$elsewhere/of_root
echo secret >$work/of_root
chmod 600 $elsewhere/* $work/of_root
chown -R 1000:1001 $work $elsewhere/his
chown 0:0 $work/of_root
cd $work || exit 1

# as_user COMMAND: run of tap.sh.
as_user() { run 100 su user -s /bin/sh -c "$1"; }

# program WORD...: a program in the VM that he keeps.
program() { as_user "'$dive' --attach socket busybox $*"; }

su user -s /bin/sh -c "exec '$dive' --mode hrt --keep socket '$minnow' -- \
	busybox true" &
keeper=$!
for _ in $(seq 100); do
	[ ! -S socket ] || break
	sleep 0.1
done
program id
is "$status,${out%% groups*}" '0,uid=1000(user) gid=1001' 'who he is'
program 'sh -c "echo words >made"'
is "$status,$err" '0,' 'he makes a file'
is "$(stat -c %u:%g:%a made),$(cat made)" '1000:1001:644,words' '... it is his'
program mkdir folder
is "$status,$(stat -c %u:%g folder)" '0,1000:1001' 'a directory'
program chmod 600 made
is "$status,$(stat -c %a made)" '0,600' 'he changes its rights'
program cat made
is "$status,$out" '0,words' '... and can read it'
program stat -c %u:%g made socket
is "$out" '1000:1001
1000:1001' 'programs see whose it is'
program chown 0 made
is "$status,$(stat -c %u made)" '1,1000' '... which they cannot change'
program cat $elsewhere/his
is "$status,$out" '0,his own' 'a file of his elsewhere'
program cp made $elsewhere/new
is "$status" 1 '... where nothing is written'
for file in $work/of_root $elsewhere/of_root; do
	program cat "$file"
	is "$status,$out" '1,' "no rights: $file"
done
program grep CapEff /proc/self/status
like "$out" '^CapEff:	0000000000000000$' 'no capabilities'
run 60 su other -s /bin/sh -c "'$dive' --attach socket busybox id"
like "$status,$err" '^125,.*Permission denied' 'somebody else cannot bring a program'
kill -TERM $keeper
wait $keeper
is $? 143 'his VM ends'

cd / || exit 1
rm -rf $work $elsewhere /etc/passwd
[ ! -e "$tap_dir/passwd" ] || cp "$tap_dir/passwd" /etc/passwd
done_testing
