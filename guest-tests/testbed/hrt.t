# SPDX-License-Identifier: Apache-2.0
# Debian's kernel beside another one, in one process.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

words='console=ttyS0 quiet panic=-1 mitigations=off no_timer_check'
words="$words tsc=reliable cryptomgr.notests nowatchdog"

# split SECONDS OPTION...: the script on stdin runs in Linux, beside a kernel.
split() {
	split_seconds=$1; shift
	cat >"$tap_dir/cmd"
	(cd "$tap_dir" && echo cmd | cpio -o -H newc >cmd.cpio 2>/dev/null)
	run "$split_seconds" build/dive --mode hrt --ros-mem 384M \
		--ros "/kernel/vmlinux $words" --ros-initrd /kernel/guest.cpio \
		--ros-initrd "$tap_dir/cmd.cpio" "$@"
	out=$(printf '%s\n' "$out" | tr -d '\r')
}

# What Linux is to compute: 64 MiB of zeros.
sum=7f614da9329cd3aebf59b91aadc30bf0

split 250 --console ros build/kernels/ticks.elf <<'E'
echo "$(nproc) CPU, $(free -m | awk '/Mem/ { print $2 }') MB"
head -c 67108864 /dev/zero | md5sum
exit 5
E
is "$status" 5 'Linux ends first: its status'
like "$out" "^$sum" '... it computed while the kernel ran'
like "$err" '^hrt: [0-9]+ of [0-9]+$' '... the kernel ran, too'
diag "$(printf '%s\n' "$out" | grep CPU)"
diag "$(printf '%s\n' "$err" | tail -n 1)"
unlike "$err" '^dive:' '... nobody complains'

# Its clock against one that dive reads from the host; a lost tick of a timer
# shows in neither, but a machine that stood still does.
# shellcheck disable=SC2016
clocks='
clocks() { echo $(($(cat /sys/class/rtc/rtc0/since_epoch) - $(cut -d. -f1 /proc/uptime))); }
before=$(clocks)
i=0
while [ $i -lt 8 ]; do head -c 33554432 /dev/zero | md5sum; i=$((i + 1)); done | uniq -c
sleep 3
echo "drift $(($(clocks) - before)) s"
dmesg | grep -iE "stall|unstable|lockup|BUG"
exit 0'

# reboots KERNEL...: it ends again and again while Linux computes.
reboots() {
	split 250 --console ros --hrt-reboots 100000 --json "$@" <<E
$clocks
E
	is "$status" 0 "$*: Linux ends well"
	like "$out" '^ *8 58f06dd588d8ffb3beb46ada6309436b' '... it computes'
	like "$out" '^drift (-1|0|1) s' '... its clock goes on'
	unlike "$out" 'stall|unstable|lockup|BUG' '... nothing to complain about'
	like "$err" '"reboots":([2-9][0-9]|[1-9][0-9]{2,})' \
		'... 20 reboots and more'
	diag "$(grep -o '"reboots.*' "$tap_dir/err")"
}

reboots build/kernels/hostile-triple.elf
reboots --boot pvh build/kernels/reset.elf

done_testing
