# SPDX-License-Identifier: Apache-2.0
# A tap that the host's kernel serves (vhost-net): Debian moves files both ways,
# a hostile driver; and the same tap where there is no vhost-net.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh
[ -c /dev/vhost-net ] || skip_all 'no vhost-net'

tunctl -t tap0 >/dev/null
ip addr add 10.0.2.2/24 dev tap0
ip link set tap0 up

mib=4
www=$tap_dir/www
mkdir "$www"
dd if=/dev/urandom of="$www/file" bs=1M count=$mib 2>/dev/null
sum=$(sha256sum <"$www/file")
httpd -f -p 10.0.2.2:8000 -h "$www" &
httpd=$!

# What the guest does: it fetches the file, and serves it until the host says
# that it has it.
# shellcheck disable=SC2016 # the guest's
script='ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
now() { cut -d " " -f 1 /proc/uptime; }
start=$(now)
wget -q -O /tmp/got http://10.0.2.2:8000/file
got=$(now)
httpd -p 80 -h /tmp
echo serving now
until wget -q -O /tmp/taken http://10.0.2.2:8000/taken 2>/dev/null; do
	sleep 0.2
done
echo "took $start $got"
echo "features $(cat /sys/class/net/eth0/device/features)"
sha256sum </tmp/got'

# threads: of vhost-net, and their processor time. A process before Linux 6.4, a
# thread of dive since then.
threads() {
	for comm in /proc/[0-9]*/task/[0-9]*/comm; do
		! grep -q '^vhost-' "$comm" 2>/dev/null ||
			awk '{ print $2, $14 + $15 }' "${comm%comm}stat"
	done 2>/dev/null
}

# wakes: how often threads of dive were woken that are not a CPU or the host's.
wakes() {
	for comm in /proc/[0-9]*/task/[0-9]*/comm; do
		task=${comm%/comm}; process=${task%/task/*}
		[ "${task##*/}" != "${process##*/}" ] || continue
		! grep -qx dive "$comm" 2>/dev/null || cat "$task/status"
	done | awk '/^voluntary/ { n += $2 } END { print n + 0 }'
}

# when_printed TEXT: waits until the guest says so, a minute at most.
when_printed() {
	for _ in $(seq 300); do
		! grep -q "$1" "$tap_dir/out" 2>/dev/null || break
		sleep 0.2
	done
}

# take: what the host does meanwhile.
take() {
	when_printed 'serving now'
	time wget -q -O "$tap_dir/back" http://10.0.2.15/got
	threads >"$tap_dir/threads"
	wakes >"$tap_dir/wakes"
	: >"$www/taken"
}

# move NAME OPTION...: a guest that does all of it.
move() {
	name=$1; shift
	rm -f "$www/taken" "$tap_dir/out" "$tap_dir/back" "$tap_dir/threads"
	take 2>"$tap_dir/time" &
	takes=$!
	guest 120 --quiet --net tap=tap0 "$@" <<E
${first:-}
$script
E
	: >"$www/taken"
	wait $takes
	is "$status" 0 "$name: a guest ends well"
	like "$out" "^$sum" 'it has the file as it is'
	is "$(sha256sum <"$tap_dir/back")" "$sum" 'so has the host what comes back'
	is "$err" '' 'and nobody says anything'
	diag "$(printf '%s\n' "$out" | awk -v mib=$mib '/^took/ {
		printf "bed: %u MiB in %.1f s", mib, $3 - $2 }'); and back:" \
		"$(grep real "$tap_dir/time")"
}

# Built in (6.12), the driver cannot be told to be an old one.
ways='pci mmio'
! ls /modules/*-virtio_pci.ko >/dev/null 2>&1 || ways='pci legacy mmio'
for how in $ways; do
	bus=$how first=
	[ "$how" != legacy ] || bus=pci first='rmmod virtio_pci
insmod /modules/*-virtio_pci.ko force_legacy=1'
	move "vhost-net, $how" --virtio "$bus"
	[ "$how" != legacy ] ||
		like "$out" '^features .{32}0' 'it has no virtio 1.0'
	like "$(cat "$tap_dir/threads")" '^[(]vhost-[0-9]+[)] [1-9]' \
		'the host did it'
	diag "$(cat "$tap_dir/threads"), dive woke $(cat "$tap_dir/wakes") times"
	# A message goes from the host to the guest, a line passes through dive.
	[ "$how" = mmio ] || ok 'and dive slept' [ "$(cat "$tap_dir/wakes")" -lt 50 ]
	is "$(threads)" '' 'and its thread is gone'
done

# As on a host that has none.
mv /dev/vhost-net /dev/hidden
move 'without vhost-net'
is "$(cat "$tap_dir/threads")" '' 'dive did it alone'
mv /dev/hidden /dev/vhost-net

# A contract kernel: other transport, other interrupts, memory elsewhere.
run 30 build/dive --mem 64M@0x60000000 --net tap=tap0 build/kernels/net.elf
is "$status$out" "010.0.2.2 is at $(cat /sys/class/net/tap0/address)" \
	'a contract kernel asks for an address and hears'

# What no driver should do, to the host.
run 120 build/dive --timeout 100 --mem 16M --net tap=tap0 \
	build/kernels/hostile-net.elf
is "$status$out" '010 tricks' 'a hostile driver harms neither dive nor the card'
like "$err" '^dive: the kernel broke queue [01] of net: ' 'the user learns of it'
diag "$err"

# The tap goes away under a kernel that watches its link.
build/dive --timeout 60 --mem 16M --net tap=tap0 build/kernels/net.elf watch \
	>"$tap_dir/out" 2>"$tap_dir/err" &
dive=$!
when_printed 'the link is up'
ip link del tap0
wait $dive
is $? 0 'a kernel that lost its tap runs on'
is "$(tail -n 1 "$tap_dir/out")" 'the link is down' 'and sees its link go down'
like "$(cat "$tap_dir/err")" '^dive: the network is gone, the kernel runs on' \
	'the user has one line'
diag "$(cat "$tap_dir/err")"

kill $httpd
done_testing
