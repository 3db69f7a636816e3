# SPDX-License-Identifier: Apache-2.0
# Debian as a guest on the network: it fetches from the loopback of its host
# through passt, serves a forwarded port, loses passt; a tap, both transports.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh
command -v passt >/dev/null || skip_all 'passt is missing'

# passt becomes nobody, and wants a default route.
mkdir -p /etc
echo 'nobody:x:65534:65534::/:' >/etc/passwd
ip link set lo up
ip route add default via 127.0.0.1 dev lo

www=$tap_dir/www
mkdir "$www"
dd if=/dev/urandom of="$www/file" bs=1M count=16 2>/dev/null
sum=$(sha256sum <"$www/file")
httpd -f -p 127.0.0.1:8000 -h "$www" &
httpd=$!

# What the guest does first: an address by DHCP, and a route.
# shellcheck disable=SC2016 # the guest's
lease='cat >/tmp/lease <<"E"
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
echo "leased $ip by $router, $mtu of $(cat /sys/class/net/eth0/mtu)"
E
chmod +x /tmp/lease
ip link set eth0 up
udhcpc -i eth0 -n -q -f -s /tmp/lease -O mtu >/tmp/dhcp 2>&1 || cat /tmp/dhcp
grep leased /tmp/dhcp'
# shellcheck disable=SC2016 # the guest's
fetch='start=$(cut -d " " -f 1 /proc/uptime)
wget -q -O /tmp/got http://10.0.2.2:8000/file
end=$(cut -d " " -f 1 /proc/uptime)
sha256sum </tmp/got
echo "took $start $end"'

# when_printed TEXT: waits until the guest says so, a minute at most.
when_printed() {
	for _ in $(seq 300); do
		! grep -q "$1" "$tap_dir/out" 2>/dev/null || break
		sleep 0.2
	done
}

# took: MB/s of the 16 MiB.
took() {
	printf '%s\n' "$out" | awk '/^took/ {
		printf "bed: 16 MiB through passt, %.1f MB/s\n", 16.8 / ($3 - $2) }'
}

for how in pci mmio; do
	guest 120 --quiet --virtio $how --net user <<E
$lease
$fetch
E
	is "$status" 0 "virtio-$how: a guest ends well"
	like "$out" '^leased 10.0.2.15 by 10.0.2.2, 65520 of 65520' \
		'it has an address by DHCP, and the best MTU'
	like "$out" "^$sum" 'it fetched a file as it is'
	diag "$(took)"
	is "$err" '' 'and nobody says anything'
done

# The host asks the guest.
{
	when_printed 'serving now'
	wget -q -O - http://127.0.0.1:8080/cmd
} >"$tap_dir/asked" 2>&1 &
asks=$!
guest 120 --quiet --net user,hostfwd=tcp::8080-:80 <<E
$lease
httpd -p 80 -h /
echo serving now
for i in \$(seq 100); do
	! netstat -tn | grep -q ':80 .*TIME_WAIT' || break
	sleep 0.2
done
sleep 1
E
wait $asks
is "$(cat "$tap_dir/asked")" "$(cat "$tap_dir/cmd")" \
	'a forwarded port leads to a server in the guest'

# passt dies under a download.
{
	when_printed 'fetching now'
	kill -9 "$(pidof passt)"
} &
guest 120 --quiet --net user <<E
$lease
echo fetching now
(while wget -q -O /tmp/got http://10.0.2.2:8000/file; do :; done) &
for i in \$(seq 100); do
	[ \$(cat /sys/class/net/eth0/carrier) = 1 ] || break
	sleep 0.2
done
echo "carrier \$(cat /sys/class/net/eth0/carrier)"
exit 42
E
is "$status" 42 'a guest that lost passt runs on'
like "$out" '^carrier 0' 'and sees that the link is down'
is "$(printf '%s\n' "$err" | grep -c '^dive: the network is gone')" 1 \
	'the user has one message'
diag "$err"

kill $httpd
done_testing
