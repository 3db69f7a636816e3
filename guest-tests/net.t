#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --net: a kernel talks through passt, which comes, goes and dies as it should.
. guest-tests/tap.sh
need_kvm
command -v passt >/dev/null || skip_all 'passt is missing'

# As root in a network of our own, which has its loopback and no way out.
if [ "$(id -u)" = 0 ] && [ -z "${NET_T_INSIDE:-}" ] && unshare -n true; then
	NET_T_INSIDE=1 exec unshare -n sh "$0"
fi
if [ -n "${NET_T_INSIDE:-}" ]; then
	run 10 build/dive --net user build/kernels/hello.elf
	is "$status" 125 'without a default route there is no network'
	like "$err" 'passt could not start: .*; this host needs a default route' \
		'and passt says why'
	ip link set lo up
	ip route add default via 127.0.0.1 dev lo
elif [ -z "$(ip route show default)" ]; then
	skip_all 'no default route'
fi
net=build/kernels/net.elf
who='10.0.2.2 is at 02:44:49:56:45:00'

# udp PORT: answers one datagram with its bytes backwards, on the loopback.
udp() {
	exec perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Proto => "udp",
			LocalAddr => "127.0.0.1:$ARGV[0]") or die "$!\n";
		print "ready\n"; close STDOUT;
		alarm 30; $s->recv(my $word, 2000);
		$s->send(scalar reverse $word);' "$1"
}

# ask PORT WORD: sends datagrams to the loopback until one is answered.
ask() {
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Proto => "udp",
			PeerAddr => "127.0.0.1:$ARGV[0]") or die "$!\n";
		for (1 .. 50) {
			$s->send($ARGV[1]);
			my $r = ""; vec($r, fileno($s), 1) = 1;
			next if select($r, undef, undef, 0.2) < 1;
			defined($s->recv(my $word, 2000)) or next;
			print $word; exit;
		}' "$1" "$2"
}

# until_there FILE TEXT: waits for it, 20 s at most.
until_there() {
	tries=0
	until grep -q "$2" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.1
	done
}

# child PID: the passt that it started, or nothing.
child() { pgrep -P "$1" -f '^passt --foreground'; }

# gone PID: is it within 5 s?
# shellcheck disable=SC2317 # ok calls it
gone() {
	tries=0
	while kill -0 "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || return 1
		sleep 0.1
	done
}

# For perl: NAME FLAGS COMMAND... runs it with that tap open as descriptor 9.
# shellcheck disable=SC2016 # perl's
with_tap='use POSIX; $^F = 9;
	my ($name, $flags) = splice @ARGV, 0, 2;
	open(my $tap, "+<", "/dev/net/tun") or die "tun: $!\n";
	ioctl($tap, 0x400454ca, pack("Z16 S x22", $name, hex $flags))
		or die "TUNSETIFF: $!\n";
	system("ip addr add 10.0.2.2/24 dev $name; ip link set $name up");
	POSIX::dup2(fileno($tap), 9); exec @ARGV;'

run 20 build/dive $net
is "$status" 2 'a kernel without --net has no card'

run 20 build/dive --net user $net
is "$status$out" "0$who" 'ARP is answered'
is "$err" '' 'and nobody says anything'

run 20 build/dive --mem 64M@0x60000000 --net user,mac=02:00:00:00:00:09 $net
is "$status$out" "0$who" 'with another address, and memory elsewhere'

udp 7077 >"$tap_dir/udp" &
until_there "$tap_dir/udp" ready
run 20 build/dive --net user $net 7077 stressed
is "$status$out" "0$who
answer: desserts" 'a datagram to the loopback of the host and back'
wait $!

build/dive --timeout 30 --net user,hostfwd=udp::7078-:7 $net serve \
	>"$tap_dir/out" 2>"$tap_dir/err" &
dive=$!
until_there "$tap_dir/out" serving
is "$(ask 7078 hello)" hello 'a forwarded port leads to the kernel'
wait $dive
is $?"$(cat "$tap_dir/err")" 0 'and the kernel ends well'

# start: a kernel that watches its link; sets dive and passt.
start() {
	build/dive --timeout 30 --net user $net watch \
		>"$tap_dir/out" 2>"$tap_dir/err" &
	dive=$!
	until_there "$tap_dir/out" 'the link is up' || diag "$(cat "$tap_dir/err")"
	passt=$(child $dive)
}

start
[ "$(id -u)" != 0 ] ||
	is "$(stat -c %U "/proc/$passt")" nobody 'passt is not root'
like "$(cat "/proc/$passt/status")" '^Seccomp:.2' 'it is confined'
kill -KILL "$passt"
wait $dive
is $? 0 'the kernel runs on when passt is killed'
is "$(tail -n 1 "$tap_dir/out")" 'the link is down' 'and sees its link go down'
is "$(cat "$tap_dir/err")" "dive: the network is gone, the kernel runs on \
without: passt: it was ended by signal 9 (Killed)" 'the user has one line'

start
kill -KILL $dive
wait $dive 2>/dev/null
ok 'passt goes when dive is killed' gone "$passt"

start
kill -TERM $dive
wait $dive 2>/dev/null
ok 'and when dive is asked to end' gone "$passt"

run 60 build/dive --timeout 50 --mem 16M --net user \
	build/kernels/hostile-net.elf
is "$status$out" '010 tricks' 'a hostile driver harms neither dive nor the card'
like "$err" '^dive: the kernel broke queue [01] of net: ' 'the user learns of it'

run 10 build/dive --net tap=nosuchtap $net
is "$status" 125 'a tap that is not there is refused'
like "$err" 'no tap nosuchtap: make it with' 'in words that help'
run 10 build/dive --net fd=1 $net
is "$status" 125 'so is a descriptor that is no tap'
ok 'in words, too' [ "${err#*descriptor 1 is not a tap}" != "$err" ]

if [ -z "${NET_T_INSIDE:-}" ] || ! [ -w /dev/net/tun ]; then
	skip 'taps' 'a network of our own and /dev/net/tun are needed'
	done_testing
fi
ip tuntap add tap0 mode tap
ip addr add 10.0.2.2/24 dev tap0
ip link set tap0 up
mac=$(ip -o link show tap0 | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
run 20 build/dive --net tap=tap0 $net
is "$status$out" "010.0.2.2 is at $mac" 'a tap by name'
ip link del tap0

# 0x1002: IFF_TAP, IFF_NO_PI. 0x4000: IFF_VNET_HDR
for flags in 1002 5002; do
	run 20 perl -e "$with_tap" tap1 $flags build/dive --net fd=9 $net
	is "$status" 0 "a tap by descriptor, flags $flags"
	like "$out" '^10.0.2.2 is at ..:..:..:..:..:..$' 'its frames arrive'
done

done_testing
