#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --share: what is refused, and that no daemon outlives dive. Linux uses it in
# testbed/share.t.
. guest-tests/tap.sh
need_kvm
[ -x /usr/lib/qemu/virtiofsd ] || [ -x /usr/libexec/virtiofsd ] ||
	skip_all 'there is no virtiofsd (Debian 12: qemu-system-common)'
unshare -Urm true 2>/dev/null || skip_all 'namespaces are forbidden here'
dir=$tap_dir/shared
mkdir "$dir"
echo=build/kernels/echo.elf
mkfifo "$tap_dir/wire"

# daemons: process numbers of those that serve it, dead or alive.
daemons() {
	for p in /proc/[0-9]*; do
		tr '\0' '\n' 2>/dev/null <"$p/cmdline" | grep -q "=$dir\$" &&
			echo "${p#/proc/}"
	done
}

# gone: within 5 s, no daemon is left.
# shellcheck disable=SC2317 # ok calls it
gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "$(daemons)" ] || return 0
		sleep 0.5
	done
	return 1
}

run 10 build/dive --boot pvh --share /nonexistent $echo
is "$status" 125 'no such directory'
is "$err" 'dive: --share /nonexistent: No such file or directory' 'so it says'
run 10 build/dive --boot pvh --share /dev/null $echo
is "$err" 'dive: --share /dev/null: not a directory' 'nor is a file one'
run 10 build/dive --boot pvh --share "$dir" build/kernels/bench-exit.elf
is "$status" 0 'a kernel that does not use it'
is "$err" '' 'says nothing'
is "$(daemons)" '' 'no daemon is left'

fs=build/kernels/fs.elf
seq 10000 >"$dir/numbers"
run 20 build/dive --timeout 20 --share "$dir" $fs -- cat numbers
is "$(cksum <"$tap_dir/out")" "$(cksum <"$dir/numbers")" 'a kernel reads a file'
run 20 build/dive --timeout 20 --share "$dir" $fs -- write new two words
is "$(cat "$dir/new")" 'two words' 'and makes one'
run 20 build/dive --timeout 20 --share "$dir:ro" $fs -- write other words
is "$status $err" '1 create: error 30' 'but not with :ro (EROFS)'
run 20 build/dive --timeout 20 --share "$dir" $fs -- cat ../out
is "$status $err" '1 look up: error 22' 'nor outside (EINVAL)'
ln -s /etc/passwd "$dir/link"
run 20 build/dive --timeout 20 --share "$dir" $fs -- cat link
unlike "$out" root 'a link leads nowhere'
rm "$dir/link"
# Between disks, networks and entropy.
run 20 build/dive --timeout 20 --rng --share "$dir" --net fd=5 $fs -- cat new \
	5<>"$tap_dir/wire"
is "$out" 'two words' 'beside other devices'

mkfifo "$tap_dir/in"
for signal in TERM KILL; do
	build/dive --boot pvh --share "$dir:x:ro" $echo <"$tap_dir/in" \
		>/dev/null 2>"$tap_dir/err" &
	pid=$!
	exec 3>"$tap_dir/in"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -z "$(daemons)" ] || break
		sleep 0.2
	done
	ok "before SIG$signal a daemon is there" test -n "$(daemons)"
	kill -$signal $pid
	wait $pid 2>/dev/null
	exec 3>&-
	ok "after SIG$signal of dive it is not" gone
done

done_testing
