#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real gdb drives real kernels, and opens their cores.
# GDB=... is another gdb; GDB_WATCH=1 says that this KVM watches data (one that
# interprets kernel mode does not); GDB_TCP=0 that there is no loopback.
# shellcheck disable=SC2016,SC2154 # $ of gdb; run sets status, out and err
. guest-tests/tap.sh
need_kvm

dive=build/dive
kernels=build/kernels
gdb=${GDB:-gdb}
socket=$tap_dir/socket
# shellcheck disable=SC2086 # words
$gdb --version >/dev/null 2>&1 || skip_all 'there is no gdb'

# launch ARGUMENTS...: dive in the background, until gdb can come.
launch() {
	rm -f "$socket"
	timeout -k 5 60 "$dive" --gdb "unix:$socket" "$@" \
		>"$tap_dir/dive.out" 2>"$tap_dir/dive.err" &
	pid=$!
	launched=0
	until [ -S "$socket" ] || [ $launched -ge 100 ]; do
		sleep 0.1
		launched=$((launched + 1))
	done
}

# gdb_at SECONDS KERNEL: gdb with the commands on stdin; at the end of the time
# somebody presses Ctrl-C in it. Sets out (and err), all that gdb says.
gdb_at() {
	seconds=$1 kernel=$2
	{
		printf '%s\n' 'set pagination off' 'set confirm off' \
			'set width 0' 'set remotetimeout 30' "target remote $socket"
		cat
	} >"$tap_dir/commands"
	# shellcheck disable=SC2086 # words
	timeout -s INT "$seconds" timeout -s KILL 50 $gdb -nx -batch \
		-x "$tap_dir/commands" "$kernels/$kernel.elf" \
		>"$tap_dir/gdb.out" 2>&1
	out=$(cat "$tap_dir/gdb.out")
}

# landed: waits for dive; sets status, said (its stdout) and err (its stderr).
# shellcheck disable=SC2034 # the tests read them
landed() {
	status=0
	wait "$pid" || status=$?
	said=$(cat "$tap_dir/dive.out")
	err=$(cat "$tap_dir/dive.err")
}

# --- breakpoints, steps, registers, memory ----------------------------------

launch --gdb-wait "$kernels/hello.elf"
gdb_at 40 hello <<'END'
info threads
break dive_main
continue
backtrace 1
info registers rip eflags cr0 cr3 cr4 efer
print $xmm0.uint128
print $mxcsr >= 0
END
like "$out" '^\* 1 +Thread 1 \(CPU 00\)' 'the CPU is a thread'
like "$out" '^Breakpoint 1, dive_main \(boot=.*hello/main.c:' 'stops at a breakpoint'
like "$out" '^#0 +dive_main' '... with a backtrace'
like "$out" '^rip +0x20[0-9a-f]+ .*<dive_main' 'shows general registers'
like "$out" '^cr0 +0x8[0-9a-f]{7} ' '... control registers'
like "$out" '^efer +0x[0-9a-f]*d0[01] ' '... EFER: long mode'
like "$out" '^\$1 = [0-9]+$' '... SSE registers'
landed
is "$status$said" 0hello 'a gdb that goes lets the kernel run'
like "$err" '^dive: waiting for gdb at unix:' '--gdb-wait says what it waits for'

launch --gdb-wait "$kernels/hello.elf"
gdb_at 40 hello <<'END'
hbreak dive_main
continue
delete
stepi
stepi
print $pc != dive_main
print/x *(unsigned char *)dive_main
set var *(unsigned char *)0x210000 = 0x5a
print/x *(unsigned char *)0x210000
set $rax = 0x1234567890abcdef
print/x $rax
x/2i $pc
next
continue
END
like "$out" '^Hardware assisted breakpoint 1 at' 'sets a hardware breakpoint'
like "$out" '^Breakpoint 1, dive_main' '... and stops there'
like "$out" '^\$1 = 1$' 'steps one instruction'
like "$out" '^\$3 = 0x5a$' 'writes memory'
like "$out" '^\$4 = 0x1234567890abcdef$' 'writes a register'
like "$out" '^=> 0x20[0-9a-f]+ <dive_main' 'shows code'
like "$out" 'exited normally\]$' 'hears the end'
landed
is "$status$said" 0hello '... and so does dive'

launch --gdb-wait "$kernels/exit.elf" 3
gdb_at 40 exit <<'END'
break *0x70000000000
info breakpoints
delete
x/1xb 0x70000000000
END
like "$out" 'Cannot access memory at address 0x70000000000' \
	'memory that is not mapped is an error'
landed
is "$status" 3 '... and no harm'

launch --gdb-wait "$kernels/exit.elf" 3
gdb_at 40 exit <<'END'
continue
END
like "$out" 'exited with code 03\]$' 'hears the exit status'
landed

# --- two CPUs ---------------------------------------------------------------

launch --gdb-wait --cpus 2 "$kernels/smp.elf"
gdb_at 40 smp <<'END'
info threads
break main.c:12
continue
continue
thread apply all backtrace 1
thread 2
print $cr3 != 0
delete
stepi
continue
END
like "$out" '^  2 +Thread 2 \(CPU 01\)' 'a second CPU is a second thread'
like "$out" '^Thread 2 hit Breakpoint 1' '... stops at the breakpoint'
like "$out" '^Thread 1 hit Breakpoint 1' '... as does the first'
like "$out" '^#0 +work ' 'both have a backtrace'
like "$out" 'exited normally\]$' 'both go on to the end'
landed
is "$status$said" '02 cpus, sum 2000' '... of the kernel'

# --- come, interrupt, go, come again ----------------------------------------

launch --cpus 2 "$kernels/hostile-never.elf"
sleep 0.5
gdb_at 3 hostile-never <<'END'
backtrace 1
break *$pc
continue
stepi
delete
continue
info registers rip
detach
END
like "$out" '^#0 .*dive_(main|pause) ' 'attaches to a running kernel'
like "$out" 'hit Breakpoint 1' 'stops it where it was'
like "$out" 'received signal SIGINT' 'Ctrl-C stops it'
like "$out" '^\[Inferior 1 \(Remote target\) detached\]' 'detaches'
gdb_at 3 hostile-never <<'END'
continue
print *(unsigned char *)$pc != 0xcc
END
like "$out" 'received signal SIGINT' 'a second gdb does the same'
like "$out" '^\$1 = 1$' '... and finds no breakpoint of the first'
gdb_at 40 hostile-never <<'END'
kill
END
landed
is "$status" 137 'kill ends dive'
ok '... and the socket is gone' [ ! -e "$socket" ]

# --- crashes ----------------------------------------------------------------

launch --gdb-wait "$kernels/crash.elf"
gdb_at 40 crash <<'END'
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
gdb_at 40 crash <<'END'
continue
backtrace 5
END
like "$out" 'received signal SIGABRT' 'a panic stops in gdb'
like "$out" ' dive_main ' '... with a backtrace'
landed

launch --gdb-wait "$kernels/hostile-triple.elf"
gdb_at 40 hostile-triple <<'END'
continue
info registers rip
END
like "$out" 'received signal SIGSEGV' 'a triple fault stops in gdb'
landed
is "$status" 134 '... and is a crash'

launch "$kernels/crash.elf"
landed
is "$status" 134 'without a gdb a crash waits for nobody'

# --- watchpoints ------------------------------------------------------------

if [ "${GDB_WATCH:-0}" = 1 ]; then
	launch --gdb-wait "$kernels/smp.elf"
	gdb_at 40 smp <<'END'
hbreak dive_main
continue
watch total
continue
continue
delete
rwatch done
continue
delete
awatch done
continue
END
	like "$out" '^Hardware watchpoint 2: total' 'sets a watchpoint'
	like "$out" '^New value = 2$' '... that stops at each change'
	like "$out" 'Hardware read watchpoint 3: done' '... of reads'
	like "$out" '^Hardware access \(read/write\) watchpoint 4: done' \
		'... of both'
	landed
	is "$status$said" '01 cpus, sum 1000' '... and the kernel goes on'
fi

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
gdb_at 40 hostile-never <<'END'
backtrace 1
kill
END
	like "$out" '^#0 .*dive_(main|pause) ' '... and a gdb is served after it'
	landed
fi

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
run 10 "$dive" --gdb "unix:$tap_dir" "$kernels/hello.elf"
like "$status$err" '^125dive: --gdb: cannot listen on unix:.*in use' \
	'a path that is taken is refused'

if [ "${GDB_TCP:-1}" = 1 ]; then
	port=$((20000 + $$ % 20000))
	timeout -k 5 60 "$dive" --gdb "tcp::$port" "$kernels/hostile-never.elf" \
		>"$tap_dir/dive.out" 2>"$tap_dir/dive.err" &
	pid=$!
	socket=127.0.0.1:$port
gdb_at 40 hostile-never <<'END'
backtrace 1
shell cat /proc/net/tcp
kill
END
	like "$out" '^#0 .*dive_(main|pause) ' 'gdb comes over TCP'
	like "$out" "$(printf ' 0100007F:%04X 00000000:0000 0A' "$port")" \
		'... from this machine only'
	landed
	socket=$tap_dir/socket
fi

# --- cores ------------------------------------------------------------------

# core KERNEL: gdb on a core with the commands on stdin.
core() {
	# shellcheck disable=SC2086 # words
	{ echo 'set pagination off'; cat; } >"$tap_dir/commands"
	run 50 $gdb -nx -batch -x "$tap_dir/commands" "$kernels/$1.elf" \
		"$tap_dir/core"
	out=$out$err
}

run 20 "$dive" --core "$tap_dir/core" "$kernels/hello.elf"
ok 'no core of a kernel that ends well' [ ! -e "$tap_dir/core" ]
run 20 "$dive" --core "$tap_dir/core" "$kernels/crash.elf"
is "$status" 134 '--core: a crash is a crash'
like "$err" "^dive: core written; gdb $kernels/crash.elf $tap_dir/core shows it" \
	'... and says where the core is'
core crash <<'END'
backtrace
info registers rip
END
like "$out" '^#0 +dive_main .*crash/main.c:' 'gdb shows where'
like "$out" '^#1 .* dive_start ' '... and the callers'
run 20 "$dive" --mem "64M@0x60000000" --core "$tap_dir/core" "$kernels/crash.elf"
like "$err" "^dive: core written; gdb -c $tap_dir/core -ex 'symbol-file -o 0x5fe00000" \
	'a core of a moved kernel: how to say so'
core crash <<'END'
symbol-file -o 0x5fe00000 build/kernels/crash.elf
backtrace
END
like "$out" '^#0 +dive_main .*crash/main.c:' '... shows where'
run 20 "$dive" --timeout 1 --cpus 2 --core "$tap_dir/core" \
	"$kernels/hostile-never.elf"
is "$status" 124 'a core of a time-out'
core hostile-never <<'END'
info threads
backtrace 1
END
like "$out" '^#0 .*dive_(main|pause) ' '... shows where'
like "$out" '^  2 +LWP 2' '... and all CPUs'

launch --core "$tap_dir/core" "$kernels/hostile-never.elf"
gdb_at 40 hostile-never <<'END'
monitor help
monitor core
detach
END
like "$out" "^there is only 'monitor core'" 'monitor: what there is'
like "$out" '^the core is written$' 'monitor core writes one of a running kernel'
gdb_at 40 hostile-never <<'END'
kill
END
landed
core hostile-never <<'END'
backtrace 1
END
like "$out" '^#0 .*dive_(main|pause) ' '... that shows where it was'

rm "$tap_dir/core"
launch --gdb-wait --boot multiboot1 --core "$tap_dir/core" "$kernels/hello.elf"
gdb_at 40 hello <<'END'
print $cr0 >> 31
print $pc == dive_entry32
monitor core
kill
END
like "$out" '^\$1 = 0$' 'paging is off'
like "$out" '^\$2 = 1$' '... at the entry of multiboot1'
landed
core hello <<'END'
print $pc == dive_entry32
x/i $pc
END
like "$out" '^\$1 = 1$' '... and a core has physical memory'
like "$out" '^=> 0x20.*<dive_entry32>:' '... with the code'

run 10 "$dive" --core /dev/null "$kernels/hello.elf"
is "$status$err" '125dive: --core: /dev/null is not a regular file; name one' \
	'a core goes to a regular file'
run 10 "$dive" --core "$tap_dir/no/core" "$kernels/hello.elf"
is "$status$err" "125dive: --core: $tap_dir/no/core: No such file or directory" \
	'... that can be made'

done_testing
