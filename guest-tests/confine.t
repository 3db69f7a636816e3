#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Confinement: somebody who has taken over dive cannot open, connect or execute,
# and nothing that dive does by itself is missed.
# shellcheck disable=SC2154 # run sets status, out and err
. guest-tests/tap.sh
need_kvm

dive=build/dive
kernels=build/kernels

# --- taken over -------------------------------------------------------------
# gdb makes dive's own code call what it never would.

# try NAME NUMBER ARGUMENTS: prints "NAME result errno".
# shellcheck disable=SC2016 # of gdb
calls='
define try
	set $r = (long)syscall($arg1, $arg2, $arg3, $arg4, $arg5, $arg6)
	printf "%s %ld %d\n", $arg0, $r < 0 ? -1 : 0, $r < 0 ? *(int *)__errno_location() : 0
end
define all
	try "getpid" 39 0 0 0 0 0
	try "open" 2 "/etc/passwd" 0 0 0 0
	try "openat" 257 -100 "/etc/passwd" 0 0 0
	try "create" 257 -100 "CREATED" 0101 0600 0
	try "openat-dot" 257 -100 "." 0200000 0 0
	try "openat2" 437 -100 "/" 0 0 0
	try "readlink" 89 "/proc/self/exe" $sp-8192 4 0 0
	try "unlink" 87 "/nowhere" 0 0 0 0
	try "socket" 41 2 1 0 0 0
	try "connect" 42 0 0 0 0 0
	try "bind" 49 0 0 0 0 0
	try "memfd" 319 "x" 0 0 0 0
	try "exec-memory" 9 0 4096 7 0x22 -1
	try "make-exec" 10 (long)$pc&~4095 4096 7 0 0
	try "ptrace" 101 16 1 0 0 0
	try "kill" 62 1 0 0 0 0
	try "tgkill" 234 1 1 0 0 0
	try "affinity" 203 1 8 $sp 0 0
	try "peek" 310 1 0 0 0 0
	try "mount" 165 0 0 0 0 0
	try "unshare" 272 0 0 0 0 0
	try "clone-user" 56 0x10000011 0 0 0 0
	try "clone-net" 56 0x40000011 0 0 0 0
	try "clone-pid" 56 0x20000011 0 0 0 0
	try "clone3" 435 0 0 0 0 0
	try "bpf" 321 0 0 0 0 0
	try "io_uring" 425 1 0 0 0 0
	try "keyctl" 250 0 0 0 0 0
	try "ioctl-inject" 16 0 0x5412 0 0 0
	try "chroot" 161 "." 0 0 0 0
	try "chdir" 80 ".." 0 0 0 0
	try "setrlimit" 160 9 0 0 0 0
	try "execveat" 322 0 "" 0 0 0x1000
	try "execve" 59 "/bin/true" 0 0 0 0
end'

# taken WHERE OPTIONS...: takes over dive at that function.
taken() {
	where=$1
	shift
	# shellcheck disable=SC2016 # of gdb
	printf '%s\nset pagination off\nset confirm off\nset breakpoint pending on\nbreak %s\nrun %s <%s/in >/dev/null 2>&1\nall\nkill\nquit\n' \
		"$calls" "$where" "$*" "$tap_dir" |
		sed "s,CREATED,$tap_dir/created," >"$tap_dir/commands"
	echo some input >"$tap_dir/in"
	run 60 gdb -nx -batch -x "$tap_dir/commands" "$dive"
	got=$(printf '%s\n' "$out" | grep -E '^[a-z0-9_-]+ (0|-1) [0-9]+$')
}

# denied WHERE: nothing but the first call went well.
denied() {
	is "$(printf '%s\n' "$got" | grep -c .)" 34 "$1: all calls were made"
	is "$(printf '%s\n' "$got" | grep -v ' -1 1$')" 'getpid 0 0
clone3 -1 38' "$1: no file, no connection, no program, no code, no process"
}

if command -v gdb >/dev/null; then
	taken watch_begin "$kernels/hello.elf"
	denied 'before the first instruction'
	taken lean_doorbell "$kernels/hello.elf"
	denied 'a vCPU'
	taken read_piece "$kernels/upper.elf"
	denied 'the I/O thread'
	taken observe_end --trace exits "$kernels/hello.elf"
	denied 'with --trace'
	taken gdb_session --gdb "unix:$tap_dir/socket" "$kernels/hello.elf"
	denied 'with --gdb'
	ok 'nothing was created' [ ! -e "$tap_dir/created" ]
	# A ring makes calls that no filter sees: a NOP (0), no call of a disk.
	truncate -s 64K "$tap_dir/disk"
	run 60 gdb -nx -batch -ex 'break disk_flush_queue if d->unsent' \
		-ex "run --disk $tap_dir/disk $kernels/blk.elf read 0" \
		-ex 'set d->ring.sq.sqes[0].opcode = 0' \
		-ex 'print (int)io_uring_submit(&d->ring)' \
		-ex 'print d->ring.cq.cqes[0].res' "$dive"
	if printf '%s\n' "$out" | grep -q ' hit Breakpoint 1, '; then
		like "$out" '= -13$' 'a disk'"'"'s ring takes nothing else'
	else
		skip 'a disk'"'"'s ring takes nothing else' 'no io_uring here'
	fi
	# And that this can fail: a moment earlier it all goes.
	taken confine "$kernels/hello.elf"
	like "$got" '^openat 0 0$' 'not confined yet: opens a file'
	like "$got" '^socket 0 0$' '... and a socket'
	like "$got" '^exec-memory 0 0$' '... and makes code'
	ok '... and a file' [ -e "$tap_dir/created" ]
else
	skip 'taken over' 'gdb is missing'
fi
# --- all of it --------------------------------------------------------------

"$dive" --timeout 20 --cpus 3 "$kernels/hostile-never.elf" 2>/dev/null &
pid=$!
sleep 1
threads=$(find /proc/$pid/task -mindepth 1 -maxdepth 1 | wc -l)
ok 'there are several threads' [ "$threads" -ge 3 ]
is "$(cat /proc/$pid/task/*/status | grep -c '^Seccomp:.2$')" "$threads" \
	'every thread has the filter'
is "$(cat /proc/$pid/task/*/status | grep -c '^NoNewPrivs:.1$')" "$threads" \
	'... and gains no privileges'
like "$(cat /proc/$pid/limits)" '^Max address space +[0-9]+ ' '... nor memory'
if unshare -U true 2>/dev/null && [ "$(id -u)" = 0 ]; then
	is "$(cat /proc/$pid/uid_map)" '' 'a super-user became nobody'
	is "$(readlink /proc/$pid/root)" "/proc/$pid/fdinfo" '... without files'
else
	skip 'a super-user became nobody' 'no name spaces here, or not root'
fi
kill $pid
wait $pid 2>/dev/null

# --- not missed -------------------------------------------------------------

# unharmed NAME COMMAND...: no call of dive itself is denied.
unharmed() {
	name=$1
	shift
	run 60 strace -f -o "$tap_dir/trace" "$@"
	like "$(cat "$tap_dir/trace")" '(seccomp\(.*= 0|seccomp resumed>.*= 0)$' \
		"$name: is confined"
	is "$(sed '1,/ seccomp(/d' "$tap_dir/trace" | grep -E 'EPERM|SIGSYS' |
		head -n 3)" '' '... and misses nothing'
}

if strace -o "$tap_dir/trace" true 2>/dev/null; then
	echo some input >"$tap_dir/in"
	unharmed 'a kernel with output' "$dive" --timing "$kernels/hello.elf"
	unharmed 'input' sh -c "'$dive' '$kernels/upper.elf' <'$tap_dir/in'"
	is "$out" 'SOME INPUT' '... which arrives'
	unharmed 'a PC' sh -c \
		"echo | '$dive' --boot multiboot2 '$kernels/own-mb2.elf'"
	unharmed 'CPUs, pinned' "$dive" --cpus 2 --pin 0-1 "$kernels/smp.elf"
	truncate -s 64K "$tap_dir/disk"
	unharmed 'a disk' "$dive" --rng --disk "$tap_dir/disk" \
		"$kernels/blk.elf" test
	is "$out" '125 sectors, 0 wrong' '... which works'
	unharmed 'a crash' "$dive" --core "$tap_dir/core" "$kernels/crash.elf"
	like "$err" 'kernels/crash/main.c:17' '... has its source line'
	ok '... and its core' [ -s "$tap_dir/core" ]
	unharmed 'no crash' "$dive" --core "$tap_dir/none" "$kernels/hello.elf"
	ok '... leaves no empty core' [ ! -e "$tap_dir/none" ]
	unharmed 'a triple fault' "$dive" "$kernels/hostile-triple.elf"
	like "$err" 'triple fault' '... is told'
	unharmed 'a time limit' "$dive" --timeout 1 "$kernels/hostile-never.elf"
	is "$status" 124 '... ends it'
	unharmed 'a signal' timeout -s INT 1 "$dive" "$kernels/hostile-never.elf"
	unharmed 'a question' timeout -s QUIT -k 1 1 "$dive" --timeout 2 \
		"$kernels/hostile-never.elf"
	like "$err" 'CPU 0, RIP is in' '... is answered'
	unharmed 'tracing' "$dive" --trace exits,msr,irq --stats \
		--trace-file "$tap_dir/lines" --timing-svg "$tap_dir/svg" \
		"$kernels/hello.elf"
	ok '... into files' [ -s "$tap_dir/lines" -a -s "$tap_dir/svg" ]
	unharmed 'JSON' "$dive" --json "$kernels/crash.elf"
	unharmed 'a kernel that ends its output' sh -c \
		"'$dive' '$kernels/hostile-eof.elf' | cat"
	unharmed 'a reader that goes' sh -c \
		"'$dive' '$kernels/hostile-flood.elf' | head -c 10000"
	unharmed 'a terminal' script -qec \
		"stty -echo; sleep 1 | $dive --timeout 2 $kernels/upper.elf" /dev/null
	unharmed 'a terminal to read from' script -qec \
		"$dive --timeout 2 $kernels/echo.elf" /dev/null
	run 60 "$dive" --repeat 3 "$kernels/hello.elf"
	is "$status" 0 '--repeat: each run is confined, the measurement is not'
else
	skip 'not missed' 'strace may not trace'
fi

done_testing
