#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Daemons that lie, hang and die: in their place are programs of ours. dive says
# what happened, the kernel gets an error, nobody waits for ever and no process
# is left.
# shellcheck disable=SC2086,SC2154 # words are meant; run sets status and out
. guest-tests/tap.sh
need_kvm
fake=$tap_dir/bin
mkdir "$fake" "$tap_dir/shared"
PATH=$fake:$PATH
export MODE

# A vhost-user daemon with a listening socket as descriptor 3, that serves no
# request. MODE says when it does what.
cat >"$fake/virtiofsd" <<'EOF'
#!/usr/bin/perl
use Socket;
$| = 1;
my $mode = $ENV{MODE};
if ($mode eq "exit") { print STDERR "no, thanks\n"; exit 3 }
open(my $listener, "+<&=", 3) or die;
accept(my $s, $listener) or die;
my $asked = 0;
sub get { my $n = shift; my $b = "";
	while (length $b < $n) { sysread($s, $b, $n - length $b, length $b) or exit }
	return $b }
sub behave { my ($r, $body) = @_;
	if ($mode eq "noise") { syswrite $s, "x" x 100; sleep 60 }
	if ($mode eq "half") { syswrite $s, "\1\0\0"; sleep 60 }
	if ($mode eq "silent") { sleep 60 }
	if ($mode eq "many") { syswrite $s, pack("L<3Q<", $r, 5, 0xfffffff8, 0); sleep 60 }
	return if $r != 18 or !unpack "L<", $body; # the last queue
	if ($mode eq "die") { print STDERR "tired\n"; exit 0 }
	if ($mode eq "kill") { kill 9, $$ }
	if ($mode eq "stop") { kill 19, $$ }
	if ($mode eq "close") { close $s; sleep 60 }
	if ($mode eq "chatter") { print STDERR "bla bla\n" x 10000; syswrite $s, "x" }
	if ($mode eq "more") { syswrite $s, "x" x 65536; sleep 60 }
}
for (;;) {
	my ($r, $flags, $size) = unpack "L<3", get(12);
	my $body = $size ? get($size) : "";
	my $value = { 1 => 0x170000000, 15 => $mode eq "slow" ? 8 : 0 }->{$r};
	$value = unpack "L<", $body if $r == 11;
	$value = 0 if $flags & 8;
	sleep 2 if $flags & 8 and $r == 8 || $r == 10;
	behave($r, $body);
	syswrite $s, pack("L<3Q<", $r, 5, 8, $value) if defined $value;
}
EOF

# A passt that gives back every frame, unless MODE says otherwise.
cat >"$fake/passt" <<'EOF'
#!/usr/bin/perl
$| = 1;
my $mode = $ENV{MODE};
if ($mode eq "exit") { print STDERR "no, thanks\n"; exit 3 }
open(my $s, "+<&=", 3) or die;
sub get { my $n = shift; my $b = "";
	while (length $b < $n) { sysread($s, $b, $n - length $b, length $b) or exit }
	return $b }
for (my $n = 0;; $n++) {
	if ($mode eq "half") { syswrite $s, "\0\0\1"; sleep 60 }
	if ($mode eq "huge") { syswrite $s, "\xff\xff\xff\xff" }
	if ($mode eq "small") { syswrite $s, "\0\0\0\1x" }
	my $frame = get(unpack "N", get(4));
	syswrite $s, pack("N/a*", $frame) if $mode ne "deaf";
	next if $n < 1;
	if ($mode eq "die") { print STDERR "tired\n"; exit 0 }
	if ($mode eq "stop") { kill 19, $$ }
	if ($mode eq "close") { close $s; sleep 60 }
	if ($mode eq "flood") { syswrite $s, pack("N/a*", "z" x 65535) for 1 .. 100000 }
	if ($mode eq "deaf") { sleep 60 }
}
EOF
chmod +x "$fake/virtiofsd" "$fake/passt"

# left: processes of ours; their names are paths in a folder of this test.
left() { pgrep -f "^/usr/bin/perl $fake" || true; }

# ends NAME STATUS SECONDS MESSAGE COMMAND...
ends() {
	name=$1 want=$2 limit=$3 message=$4; shift 4
	begin=$(date +%s)
	run 60 "$@"
	took=$(($(date +%s) - begin))
	is "$status" "$want" "$name: ends with $want"
	ok "$name: within $limit s ($took)" [ $took -le "$limit" ]
	like "$err" "$message" "$name: says so"
	is "$(left)" '' "$name: no daemon is left"
}

share="build/dive --mem 16M --share $tap_dir/shared"
fs=build/kernels/hostile-fs.elf
no='virtiofsd does not serve: '
MODE='exit'
ends 'share: exit' 125 3 "${no}no, thanks" $share $fs
for MODE in noise many; do
	ends "share: $MODE" 125 3 "$no" $share $fs
done
for MODE in silent half; do
	ends "share: $MODE" 125 33 "$no.*does not answer" $share $fs
done
# The kernel: each request has an answer, its own number and EIO.
gone='I/O errors for the guest from now on; virtiofsd: '
for MODE in close more; do
	ends "share: $MODE" 0 8 "$gone" $share $fs a
	like "$out" '^refused after nothing' "share: $MODE: the guest is told"
done
MODE=die
ends 'share: die' 0 8 "${gone}tired" $share $fs a
MODE='kill'
ends 'share: kill' 0 8 "${gone}it was ended by signal 9" $share $fs a
MODE=chatter
ends 'share: chatter' 0 8 "$gone" $share $fs a
MODE=stop
ends 'share: stop' 0 30 "$gone.*does not answer" $share $fs a
like "$out" '^refused after nothing' 'share: stop: the guest is told'
ends 'share: stop, at the end' 124 12 'stopped after --timeout' $share \
	--timeout 2 $fs a

# One word after the other: all together must be said in time.
MODE=slow
ends 'share: slow' 0 12 "$gone.*does not answer" $share $fs a

net='build/dive --mem 16M --timeout 5 --net user'
kernel=build/kernels/hostile-net.elf
MODE='exit'
ends 'net: exit' 125 3 'passt could not start: no, thanks' $net $kernel
for MODE in huge small; do
	ends "net: $MODE" 125 5 'passt could not start: ' $net $kernel
done
MODE=half
ends 'net: half' 124 12 'stopped after --timeout' $net \
	build/kernels/hostile-never.elf
gone='the network is gone, the kernel runs on without: passt: '
MODE=die
ends 'net: die' 0 12 "${gone}tired" $net $kernel
MODE=close
ends 'net: close' 0 12 "$gone" $net $kernel
# What the kernel sends finds nobody who reads it: it waits, and says so.
MODE=flood
ends 'net: flood' 1 20 'broke queue' $net --timeout 30 $kernel
is "$out" 'broken by flood
10 tricks' 'net: flood: no other trick broke the card'
for MODE in stop deaf; do
	ends "net: $MODE" 124 12 'stopped after --timeout' $net \
		build/kernels/net.elf
done
done_testing
