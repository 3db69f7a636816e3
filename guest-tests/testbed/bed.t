# SPDX-License-Identifier: Apache-2.0
# The bed is what its README says: KVM, a clock, processors and memory that
# Linux can give away. With --cpus 2 it tests more.
# shellcheck shell=sh
. guest-tests/tap.sh

ok '/dev/kvm is there' test -c /dev/kvm
is "$(kvm_trouble)" '' 'and can be opened'
is "$(cat /sys/module/kvm_amd/parameters/npt)" Y 'nested paging is on'
is "$(id -u)" 0 'root'
is "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)" \
	tsc 'the time stamp counter is the clock'

block=
for b in /sys/devices/system/memory/memory*; do
	if echo offline 2>/dev/null >"$b/state"; then block=$b; break; fi
done
is "$(cat "$block/state")" offline 'a memory block goes offline'
echo online >"$block/state"
is "$(cat "$block/state")" online 'and comes back'

cpus=$(nproc)
if [ "$cpus" -gt 1 ]; then
	ok 'hold keeps KVM from patching itself' pidof hold
	echo 0 >/sys/devices/system/cpu/cpu1/online
	is "$(nproc)" $((cpus - 1)) 'a processor goes offline'
	echo 1 >/sys/devices/system/cpu/cpu1/online
	is "$(nproc)" "$cpus" 'and comes back'
fi

done_testing
