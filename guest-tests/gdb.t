#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real gdb drives real kernels.
# shellcheck disable=SC2016,SC2154 # $ of gdb; gdb.sh sets what is read here
. guest-tests/gdb.sh

# --- registers, memory, steps -----------------------------------------------

launch --gdb-wait "$kernels/hello.elf"
gdb_at hello <<'END'
info threads
info registers rip eflags cr0 cr3 cr4 efer
print $xmm0.uint128
set $mxcsr = 0x1fa0
set $xmm3.v2_int64[1] = 77
print $fctrl == 0x37f && $mxcsr == 0x1fa0 && $xmm3.v2_int64[1] == 77
print/x *(unsigned char *)dive_main
set var *(unsigned char *)0x210000 = 0x5a
print/x *(unsigned char *)0x210000
set $rbx = 0x1234567890abcdef
print/x $rbx
set $before = $pc
stepi
print $pc != $before
x/2i dive_main
continue
END
like "$out" '^\* 1 +Thread 1 \(CPU 00\)' 'the CPU is a thread'
like "$out" '^rip +0x[0-9a-f]+ ' 'shows general registers'
like "$out" '^cr0 +0x8[0-9a-f]{7} ' '... control registers'
like "$out" '^efer +0x[0-9a-f]*d0[01] ' '... EFER: long mode'
like "$out" '^\$1 = [0-9]+$' '... SSE registers'
like "$out" '^\$2 = 1$' '... and x87, and writes them'
like "$out" '^\$4 = 0x5a$' 'writes memory'
like "$out" '^\$5 = 0x1234567890abcdef$' 'writes a register'
like "$out" '^\$6 = 1$' 'steps one instruction'
like "$out" '<dive_main\+[0-9]+>:' 'shows code'
like "$out" 'exited normally\]$' 'hears the end'
landed
is "$status$said" 0hello '... of the kernel'
like "$err" '^dive: waiting for gdb at unix:' '--gdb-wait says what it waits for'

launch --gdb-wait "$kernels/hello.elf"
gdb_at hello <<'END'
stepi 20
print $_exitcode
detach
END
like "$out" '^\$1 = void$' 'steps many instructions'
landed
is "$status$said" 0hello '... and lets the kernel run when it goes'

launch --gdb-wait "$kernels/exit.elf" 3
gdb_at exit <<'END'
x/1xb 0x70000000000
END
like "$out" 'Cannot access memory at address 0x70000000000' \
	'memory that is not mapped is an error'
landed
is "$status" 3 '... and no harm'

launch --gdb-wait "$kernels/exit.elf" 3
gdb_at exit <<'END'
continue
END
like "$out" 'exited with code 03\]$' 'hears the exit status'
landed

launch --gdb-wait --cpus 2 "$kernels/smp.elf"
gdb_at smp <<'END'
info threads
thread 2
print $cr3 != 0
stepi
continue
END
like "$out" '^  2 +Thread 2 \(CPU 01\)' 'a second CPU is a second thread'
like "$out" '^\$1 = 1$' '... with registers'
like "$out" 'exited normally\]$' '... and both run'
landed
is "$status$said" '02 cpus, sum 2000' '... to the end of the kernel'

# --- breakpoints ------------------------------------------------------------

if [ "$points" = yes ]; then
	for how in break hbreak; do
		launch --gdb-wait "$kernels/hello.elf"
		gdb_at hello <<END
$how dive_main
continue
backtrace 2
print *(unsigned char *)dive_main != 0xcc
next
continue
END
		like "$out" '^Breakpoint 1, dive_main .*hello/main.c:' \
			"$how: stops there"
		like "$out" '^#1 .* dive_start ' '... with a backtrace'
		like "$out" '^\$1 = 1$' '... and the memory as it was'
		like "$out" 'exited normally\]$' '... goes on from there'
		landed
		is "$status$said" 0hello '... to the end'
	done

	launch --gdb-wait --cpus 2 "$kernels/smp.elf"
	gdb_at smp <<'END'
break main.c:12
continue
continue
thread apply all backtrace 1
delete
continue
END
	like "$out" '^Thread 2 hit Breakpoint 1' 'a CPU stops at a breakpoint'
	like "$out" '^Thread 1 hit Breakpoint 1' '... the other as well'
	like "$out" '^#0 +work ' '... each with a backtrace'
	like "$out" 'exited normally\]$' '... both go on'
	landed
	is "$status$said" '02 cpus, sum 2000' '... to the end'
fi

# --- come, interrupt, go, come again ----------------------------------------

launch --cpus 2 "$kernels/hostile-never.elf"
sleep 0.5
if [ "$points" = yes ]; then # one that is left behind
	gdb_at hostile-never <<'END'
break *$pc
continue
END
	like "$out" 'hit Breakpoint 1' 'stops a running kernel where it was'
fi
gdb_at hostile-never <<'END'
backtrace 1
stepi
press
continue
info registers rip
detach
END
like "$out" '^#0 .* at ' 'attaches to a running kernel'
like "$out" 'received signal SIGINT' 'Ctrl-C stops it'
like "$out" '^\[Inferior 1 \(Remote target\) detached\]' 'detaches'
gdb_at hostile-never <<'END'
press
continue
print *(unsigned char *)$pc != 0xcc
END
like "$out" 'received signal SIGINT' 'a second gdb does the same'
like "$out" '^\$1 = 1$' '... and finds no breakpoint of the first'
gdb_at hostile-never <<'END'
kill
END
landed
is "$status" 137 'kill ends dive'
ok '... and the socket is gone' [ ! -e "$socket" ]

# --- a 32-bit kernel --------------------------------------------------------

if objcopy -O elf32-i386 "$kernels/own-mb2.elf" "$tap_dir/narrow.elf" \
	2>/dev/null; then
	launch --gdb-wait "$tap_dir/narrow.elf"
	kernels=$tap_dir
	gdb_at narrow <<'END'
info registers eip cr0
set $before = $eip
stepi
print $eip != $before
set $edx = 7
print $edx
continue
END
	kernels=build/kernels
	like "$out" '^eip +0x20' 'an ELF32 kernel has eip'
	like "$out" '^\$1 = 1$' '... that moves'
	like "$out" '^\$2 = 7$' '... other registers'
	like "$out" 'exited with code 07\]$' '... and runs'
	landed
fi

# --- crashes ----------------------------------------------------------------

launch --gdb-wait "$kernels/crash.elf"
gdb_at crash <<'END'
continue
backtrace 2
x/i $pc
set $rax = 1
END
like "$out" 'received signal SIGSEGV' 'a page fault stops in gdb'
like "$out" '^#0 +dive_main .*crash/main.c:' '... where it happened'
like "$out" '^#1 .* dive_start ' '... with the callers'
like "$out" '^=> 0x.* <dive_main\+.*\$0x2a,\(%rax\)' '... at that instruction'
landed
is "$status" 134 '... and dive crashes afterwards'
like "$err" '^dive: kernel crashed: page fault' '... with its report'

launch --gdb-wait "$kernels/crash.elf" panic
gdb_at crash <<'END'
continue
backtrace 5
END
like "$out" 'received signal SIGABRT' 'a panic stops in gdb'
like "$out" ' dive_main ' '... with a backtrace'
landed

launch --gdb-wait "$kernels/hostile-triple.elf"
gdb_at hostile-triple <<'END'
continue
info registers rip
END
like "$out" 'received signal SIGSEGV' 'a triple fault stops in gdb'
landed
is "$status" 134 '... and is a crash'

launch "$kernels/crash.elf"
landed
is "$status" 134 'without a gdb a crash waits for nobody'

# --- a hostile client -------------------------------------------------------

if command -v perl >/dev/null; then
	launch "$kernels/hostile-never.elf"
	# shellcheck disable=SC2016 # perl
	perl -MIO::Socket::UNIX -e '
		my ($path) = @ARGV;
		sub go {
			my $s = IO::Socket::UNIX->new(Peer => $path) or die;
			print $s $_[0];
			$s->flush;
			$s->shutdown(1) if $_[1];
			local $SIG{ALRM} = sub { die "late\n" };
			alarm 10;
			1 while $_[1] && sysread $s, my $got, 4096;
		}
		sub packet {
			my $sum = unpack "%8C*", $_[0];
			sprintf "\$%s#%02x", $_[0], $sum
		}
		go "\$" . "g" x 200000 . "#00", 1;
		go join("", map { chr(($_ * 7919 + $_ / 256) % 256) } 1 .. 100000), 1;
		go packet("m0,ffffffffffffffff") . packet("M0,fff:00") .
			packet("Z9,0,0") . packet("Hg7fffffff") . packet("p999") .
			packet("G00") . packet("vCont;c:77") . packet("vCont;x"), 1;
		go "\$", 0;
		go packet("vCont;c") . "\$" x 1000 . "\003", 0;
	' "$socket" 2>"$tap_dir/perl.err"
	is "$?$(cat "$tap_dir/perl.err")" 0 'garbage is answered or dropped'
gdb_at hostile-never <<'END'
backtrace 1
kill
END
	like "$out" '^#0 .* at ' '... and a gdb is served after it'
	landed
fi

# --- a held dive is still a program -----------------------------------------

"$dive" --gdb "unix:$socket" --gdb-wait --cpus 2 "$kernels/smp.elf" \
	2>/dev/null &
pid=$!
sleep 1
kill -TERM "$pid"
landed
is "$status" 143 'SIGTERM ends a kernel that waits for gdb'
run 10 "$dive" --gdb "unix:$socket" --gdb-wait --timeout 1 "$kernels/hello.elf"
is "$status" 124 '... as does --timeout'

# --- where ------------------------------------------------------------------

for bad in 1234 tcp: tcp:1234 tcp::x tcp::0 tcp::65536 unix: tcp:host; do
	run 10 "$dive" --gdb "$bad" "$kernels/hello.elf"
	is "$status$err" "125dive: --gdb: '$bad' is not tcp:[HOST]:PORT or unix:PATH; write tcp::1234 or unix:/tmp/gdb" \
		"--gdb $bad is refused"
done
run 10 "$dive" --gdb tcp:nowhere:1234 "$kernels/hello.elf"
is "$status$err" "125dive: --gdb: 'nowhere' is not an IPv4 address; write one such as 127.0.0.1" \
	'... as are names of hosts'
run 10 "$dive" --gdb-wait "$kernels/hello.elf"
is "$status$err" '125dive: --gdb-wait goes with --gdb only; write --gdb tcp::1234 --gdb-wait' \
	'--gdb-wait alone is refused'
echo mine >"$tap_dir/file"
run 10 "$dive" --gdb "unix:$tap_dir/file" "$kernels/hello.elf"
is "$status$err" "125dive: --gdb: cannot listen on unix:$tap_dir/file: Address already in use" \
	'a path that is taken is refused'
is "$(cat "$tap_dir/file")" mine '... and left alone'
"$dive" --gdb "unix:$socket" --timeout 30 "$kernels/hostile-never.elf" &
pid=$!
sleep 1
run 10 "$dive" --gdb "unix:$socket" "$kernels/hello.elf"
is "$status" 125 '... as is that of another dive'
kill -KILL "$pid"
wait "$pid"
sleep 1
ok 'a dive that is killed leaves no socket' [ ! -e "$socket" ]
"$dive" --gdb "unix:$socket" --timeout 30 "$kernels/hostile-never.elf" &
pid=$!
sleep 1
# Who would clean up goes first.
# shellcheck disable=SC2013 # words of one line
for p in /proc/[0-9]*; do
	[ "$(cut -d ' ' -f 4 "$p/stat" 2>/dev/null)" != "$pid" ] ||
		kill -KILL "${p#/proc/}"
done
kill -KILL "$pid"
wait "$pid"
ok 'one that somebody else left' [ -S "$socket" ]
run 10 "$dive" --gdb "unix:$socket" "$kernels/hello.elf"
is "$status$out" 0hello '... is in nobody'"'"'s way'

port=$((20000 + $$ % 20000))
timeout -k 5 60 "$dive" --gdb "tcp::$port" "$kernels/hostile-never.elf" \
	>"$tap_dir/dive.out" 2>"$tap_dir/dive.err" &
pid=$!
socket=127.0.0.1:$port
gdb_at hostile-never <<'END'
backtrace 1
shell cat /proc/net/tcp
kill
END
like "$out" '^#0 .* at ' 'gdb comes over TCP'
like "$out" "$(printf ' 0100007F:%04X 00000000:0000 0A' "$port")" \
	'... from this machine only'
landed
socket=$tap_dir/socket

if [ "$points" = yes ]; then
	run 60 tools/demo-gdb.sh
	is "$status" 0 'make demo-gdb'
	like "$out" 'hit Breakpoint 1.*, work ' '... shows a session'
	like "$out" '^#0 +dive_main .*crash/main.c:' '... and a core'
fi

done_testing
