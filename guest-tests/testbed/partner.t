# SPDX-License-Identifier: Apache-2.0
# The partner in Debian, and a kernel that forwards all it has to say.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

words='console=ttyS0 quiet panic=-1 mitigations=off no_timer_check'
words="$words tsc=reliable cryptomgr.notests nowatchdog"

# split SECONDS OPTION...: the script on stdin runs in Linux, with the partner.
split() {
	split_seconds=$1; shift
	cat >"$tap_dir/cmd"
	mkdir -p "$tap_dir/bin"
	cp build/partner "$tap_dir/bin/"
	(cd "$tap_dir" && printf '%s\n' cmd bin bin/partner |
		cpio -o -H newc >cmd.cpio 2>/dev/null)
	run "$split_seconds" build/dive --mode hrt --ros-mem 384M \
		--ros "/kernel/vmlinux $words" --ros-initrd /kernel/guest.cpio \
		--ros-initrd "$tap_dir/cmd.cpio" "$@"
	out=$(printf '%s\n' "$out" | tr -d '\r')
}

split 250 --console ros --window 16M --ros-cpus 2 build/kernels/forward.elf <<'E'
guest-window; echo "window: $?"
cat /sys/bus/dax/devices/dax0.0/size
partner /bin/echo hello world 7 >/tmp/out
echo "status $?"; cat /tmp/out
sleep 1
exit 3
E
diag "$out $err"
is "$status" 3 'Linux ends'
like "$out" '^window: 0' '... has the window as a device'
like "$out" '^status 7' '... the program ends as it wants'
like "$out" '^hello' '... its first thread writes'
like "$out" '^world' '... its second thread writes'

done_testing
