#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real gdb opens the cores of real kernels.
# shellcheck disable=SC2016,SC2154 # $ of gdb; gdb.sh sets what is read here
. guest-tests/gdb.sh

# core KERNEL: gdb on a core with the commands on stdin.
core() {
	{ echo 'set pagination off'; cat; } >"$tap_dir/commands"
	# shellcheck disable=SC2086 # words
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
run 20 "$dive" --core "$tap_dir/core" "$kernels/crash.elf" panic
core crash <<'END'
backtrace
END
like "$out" '^#[0-9] .* dive_panic ' 'a core of a panic'
like "$out" '^#[0-9] .* dive_main .*crash/main.c:' '... shows where'
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
gdb_at hostile-never <<'END'
monitor help
monitor core
detach
END
like "$out" "^there is only 'monitor core'" 'monitor: what there is'
like "$out" '^the core is written$' 'monitor core writes one of a running kernel'
gdb_at hostile-never <<'END'
kill
END
landed
core hostile-never <<'END'
backtrace 1
END
like "$out" '^#0 .*dive_(main|pause) ' '... that shows where it was'

rm "$tap_dir/core"
launch --gdb-wait --boot multiboot1 --core "$tap_dir/core" "$kernels/hello.elf"
gdb_at hello <<'END'
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
