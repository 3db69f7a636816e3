# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Linux as a guest of dive in the bed; source it behind tap.sh.

[ -e /kernel/guest.cpio ] || skip_all 'this is not the test bed'

guest_words='console=ttyS0 quiet panic=-1 mitigations=off no_timer_check
tsc=reliable cryptomgr.notests nowatchdog'

# guest SECONDS OPTION...: boots Debian's kernel and runs the script on stdin in
# it; the options are dive's. Like run of tap.sh; $out is what the guest printed.
# shellcheck disable=SC2086,SC2154 # words; tap_dir is of tap.sh
guest() {
	guest_seconds=$1; shift
	cat >"$tap_dir/cmd"
	(cd "$tap_dir" && echo cmd | cpio -o -H newc >cmd.cpio 2>/dev/null)
	run "$guest_seconds" build/dive --mem 384M \
		--initrd /kernel/guest.cpio --initrd "$tap_dir/cmd.cpio" "$@" \
		/kernel/vmlinux $guest_words
	out=$(printf '%s\n' "$out" | tr -d '\r')
}

# split SECONDS OPTION...: the script on stdin runs in Linux, beside a kernel;
# /bin/partner is there. The options are of dive --mode hrt.
# shellcheck disable=SC2154 # tap_dir is of tap.sh
split() {
	guest_seconds=$1; shift
	cat >"$tap_dir/cmd"
	mkdir -p "$tap_dir/bin"
	cp build/partner "$tap_dir/bin/"
	(cd "$tap_dir" && printf '%s\n' cmd bin bin/partner |
		cpio -o -H newc >cmd.cpio 2>/dev/null)
	run "$guest_seconds" build/dive --mode hrt --ros-mem 384M \
		--ros "/kernel/vmlinux $guest_words" \
		--ros-initrd /kernel/guest.cpio \
		--ros-initrd "$tap_dir/cmd.cpio" "$@"
	out=$(printf '%s\n' "$out" | tr -d '\r')
}
