# SPDX-License-Identifier: Apache-2.0
# Debian's kernel beside another one, in one process.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

# Its clock against one that dive reads from the host; a lost tick of a timer
# shows in neither, but a machine that stood still does.
# shellcheck disable=SC2016
clocks='
clocks() { echo $(($(cat /sys/class/rtc/rtc0/since_epoch) - $(cut -d. -f1 /proc/uptime))); }
before=$(clocks)
i=0
while [ $i -lt 2 ]; do head -c 33554432 /dev/zero | md5sum; i=$((i + 1)); done | uniq -c
sleep 1
echo "drift $(($(clocks) - before)) s"
dmesg | grep -iE "stall|unstable|lockup|BUG"
exit 0'

# reboots KERNEL...: it ends again and again while Linux computes.
reboots() {
	split 250 --console ros --hrt-reboots 100000 --json "$@" <<E
$clocks
E
	is "$status" 0 "$*: Linux ends well"
	like "$out" '^ *2 58f06dd588d8ffb3beb46ada6309436b' '... it computes'
	like "$out" '^drift (-1|0|1) s' '... its clock goes on'
	unlike "$out" 'stall|unstable|lockup|BUG' '... nothing to complain about'
	like "$err" '"reboots":([2-9][0-9]|[1-9][0-9]{2,})' \
		'... 20 reboots and more'
	diag "$(grep -o '"reboots.*' "$tap_dir/err")"
}

# A program in Linux, without a driver, and a kernel that answers.
split 250 --console ros --window 4M --ros-cpus 2 build/kernels/window.elf <<'E'
echo "$(nproc) CPUs, $(free -m | awk '/Mem/ { print $2 }') MB"
grep 4456 /proc/bus/pci/devices | cut -f 2
grep -i 'persistent' /proc/iomem
base=0x100000000
ring() { printf x | dd of=/dev/port bs=1 seek=1492 conv=notrunc 2>/dev/null; }
bell=/sys/bus/pci/devices/0000:00:1f.0/config
echo "hello $(devmem $base 32)"
for i in 20 21 22; do
	devmem $((base + 64)) 32 $i
	ring
	until [ $(($(devmem $((base + 128)) 32))) = $((2 * i + 1)) ]; do :; done
	echo "answer $(($(devmem $((base + 128)) 32)))"
	# Its status: it rang. Any write to register 64 takes that.
	echo "rang $(od -A n -t u1 -j 6 -N 1 $bell)"
	printf x | dd of=$bell bs=1 seek=64 conv=notrunc 2>/dev/null
	echo "taken $(od -A n -t u1 -j 6 -N 1 $bell)"
done
sleep 1 # what is said is not yet out when another CPU ends the run
exit 3
E
is "$status" 3 'Linux ends first: its status'
like "$out" '^2 CPUs' '... it has its CPUs'
like "$out" '^100000000-1003fffff : Persistent Memory \(legacy\)' \
	'... Linux knows it as persistent memory'
like "$out" '^44560001' '... and a bell on PCI'
like "$out" '^hello 0x4E455645' '... a program reads what the kernel wrote'
is "$(printf '%s\n' "$out" | sed -n 's/^answer //p' | tr '\n' ' ')" \
	'41 43 45 ' '... the kernel is rung and answers'
is "$(printf '%s\n' "$out" | grep -c '^rang  *8')" 3 '... and rings Linux'
is "$(printf '%s\n' "$out" | grep -c '^taken  *0')" 3 '... which takes it'
like "$err" '^hrt: window of 4194304 bytes' '... the kernel sees the same'
unlike "$err" '^dive:' '... nobody complains'

# One by a triple fault, one by the keyboard controller of a PC.
reboots --window 2M build/kernels/reset.elf 20
reboots --boot pvh build/kernels/reset.elf 20

done_testing
