# SPDX-License-Identifier: Apache-2.0
# Debian as a guest mounts directories of the host: it edits them, or may not,
# reads and writes much, and loses the daemon.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh
[ -x /usr/lib/qemu/virtiofsd ] || [ -x /usr/libexec/virtiofsd ] ||
	skip_all 'there is no virtiofsd (Debian 12: qemu-system-common)'

dir=$tap_dir/shared
mkdir "$dir" "$dir/folder" "$tap_dir/other"
echo 'from the host' >"$dir/hello"
echo 'another one' >"$tap_dir/other/hello"
dd if=/dev/urandom of="$tap_dir/some" bs=1M count=16 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
	cat "$tap_dir/some"; echo "$i"
done >"$dir/large"

# daemons DIR: process numbers of those that serve it.
daemons() {
	for p in /proc/[0-9]*; do
		tr '\0' '\n' 2>/dev/null <"$p/cmdline" | grep -q "=$1\$" &&
			echo "${p#/proc/}"
	done
}

guest 200 --share "$dir" <<'E'
mount -t virtiofs share /mnt || exit 1
cat /mnt/hello
echo 'from the guest' >>/mnt/hello
mkdir /mnt/made && mv /mnt/made /mnt/folder/moved
ln -s folder /mnt/link && ls /mnt/link
echo x >/mnt/x && rm /mnt/x
md5sum </mnt/large >/mnt/sum
dd if=/mnt/large of=/mnt/copy bs=1M 2>&1 | tail -n 1
umount /mnt
mount -t virtiofs share /mnt && cat /mnt/hello
E
is "$status" 0 'a guest ends well that used a shared directory'
like "$out" '^from the host$' 'it read a file'
like "$out" '^moved$' 'made, moved and listed directories'
like "$out" '^from the guest$' 'and mounted it once more'
is "$(tail -n 1 "$dir/hello")" 'from the guest' 'its line is in the file'
ok 'its directory is there' test -d "$dir/folder/moved"
is "$(readlink "$dir/link")" folder 'its link, too'
ok 'what it removed is not' test ! -e "$dir/x"
want=$(md5sum <"$dir/large")
is "$(cat "$dir/sum")" "$want" 'it read 208 MiB as they are'
is "$(md5sum <"$dir/copy")" "$want" 'and wrote them as they are'
rm "$dir/copy"
is "$(daemons "$dir")" '' 'no daemon is left'

guest 100 --virtio mmio --share "$dir:data:ro" --share "$tap_dir/other:rest" <<'E'
mkdir /data && mount -t virtiofs data /data && mount -t virtiofs rest /mnt ||
	exit 1
cat /data/hello /mnt/hello
echo x >/data/x
rm /data/hello
echo y >/mnt/y
mount -t virtiofs nothing /tmp
exit 42
E
is "$status" 42 'a guest ends well that used two'
unlike "$err" 'share' 'nothing was wrong with them'
like "$out" '^another one$' 'it read the second'
like "$out" "can't create /data/x: Read-only file system" ':ro: nothing is made'
like "$out" "can't remove '/data/hello': Read-only file system" 'or removed'
ok 'nothing was' test ! -e "$dir/x" -a -e "$dir/hello"
is "$(cat "$tap_dir/other/y")" y 'the other one can be written'

# The daemon dies while the guest reads, and again and again.
{
	for _ in $(seq 300); do
		! grep -q 'reading now' "$tap_dir/out" || break
		sleep 0.2
	done
	sleep 1
	for p in $(daemons "$dir"); do kill -9 "$p" 2>/dev/null; done
} &
guest 100 --share "$dir" <<'E'
mount -t virtiofs share /mnt || exit 1
exec 3</mnt/hello
(while cat /mnt/large; do echo 3 >/proc/sys/vm/drop_caches; done) \
	>/dev/null 2>/tmp/first &
echo reading now
wait
cat /tmp/first
ls /mnt
cat <&3
touch /mnt/new
umount /mnt && mount -t virtiofs share /mnt && ls /mnt
exit 43
E
is "$status" 43 'a guest that lost the daemon runs on'
like "$out" 'cat: .*(I/O|Input/output) error' \
	'what it was reading ended with an error'
like "$out" 'ls: .*(I/O|Input/output) error' 'so does what comes later'
like "$out" 'touch: /mnt/new: (I/O|Input/output) error' 'writing, too'
like "$err" "^dive: --share .*: I/O errors for the guest from now on; virtiofsd: it was ended by signal 9" \
	'the user is told'
diag "$err"

done_testing
