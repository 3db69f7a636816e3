# SPDX-License-Identifier: Apache-2.0
# Programs of Linux on Minnow: as they are natively in the same Linux.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

words='console=ttyS0 quiet panic=-1 mitigations=off no_timer_check'
words="$words tsc=reliable cryptomgr.notests nowatchdog"

# What is run, and the libraries of what is dynamic.
root=$tap_dir/root
mkdir -p "$root/bin"
cp build/partner build/programs/* "$root/bin/"
for file in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6 \
	/lib/x86_64-linux-gnu/libm.so.6; do
	mkdir -p "$root${file%/*}" && cp -L "$file" "$root$file"
done

# split SECONDS OPTION...: the script on stdin runs in Linux, with the partner.
split() {
	split_seconds=$1; shift
	cat >"$root/cmd"
	(cd "$root" && find . | cpio -o -H newc >"$tap_dir/cmd.cpio" 2>/dev/null)
	run "$split_seconds" build/dive --mode hrt --ros-mem 512M \
		--mem 64M@4G --cpu -xsave \
		--ros "/kernel/vmlinux $words" --ros-initrd /kernel/guest.cpio \
		--ros-initrd "$tap_dir/cmd.cpio" --ros-cpus 2 --console both \
		"$@" build/kernels/minnow.elf -- programs
	# Linux's console comes with dive's messages.
	out=$(printf '%s\n' "$out$err" | tr -d '\r' | sed 's/^ros: //')
}

# both WORD...: says whether a command does the same in both kernels.
both='
guest-window || exit
both() {
	"$@" >/tmp/native 2>/tmp/native.err </cmd; status=$?
	timeout 60 partner "$@" >/tmp/split 2>/tmp/split.err </cmd; got=$?
	if [ $status = $got ] && cmp /tmp/native /tmp/split &&
		cmp /tmp/native.err /tmp/split.err; then
		echo "same: $*"
	else
		echo "differs: $*: status $status $got"
		diff /tmp/native /tmp/split | head -n 20
		head -n 5 /tmp/split.err
	fi
}
'

split 280 --window 128M --hrt-cpus 2 <<E
$both
both hello one two
both hello-dynamic
both maps
both maps-dynamic
both crowd
both crowd-dynamic
both ls -l /usr
both sha256sum /bin/busybox
cat /proc/uptime
for i in 1 2 3 4 5 6 7 8; do both true; done
cat /proc/uptime
both sh -c 'exit 3'
timeout 60 partner full; echo "full: \$?"
exit 3
E
diag "$out"
is "$status" 3 'Linux ends'
for command in 'hello one two' hello-dynamic maps maps-dynamic crowd \
	crowd-dynamic 'ls -l /usr' 'sha256sum /bin/busybox' 'sh -c exit 3'; do
	like "$out" "^same: $command\$" "$command"
done
is "$(printf '%s\n' "$out" | grep -c '^same: true$')" 8 'one after the other'
like "$out" 'error 12, more than 16 MB: 1' 'a full window: ENOMEM'
like "$out" 'again: 1' '... and the program goes on'
done_testing
