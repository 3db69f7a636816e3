#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The friendly kernels under dive: standard output, console, status.
. guest-tests/tap.sh
need_kvm

k=build/kernels

# dive WANTED_STATUS KERNEL [options] [-- args]: runs it and checks the status.
dive() {
	want=$1; name=$2; shift 2
	run 30 build/dive --timeout 20 --quiet "$@"
	is "$status" "$want" "$name returns $want"
}

dive 0 hello $k/hello.elf
is "$out" hello 'hello: standard output'
is "$err" '' 'hello: nothing on the console'

dive 3 args $k/args.elf -- one 'two  three'
is "$out" "1: one
2: two
3: three" 'args: in order'
dive 0 'args without any' $k/args.elf

for value in 0 1 119 255; do dive $value exit $k/exit.elf -- $value; done
dive 44 'exit 300' $k/exit.elf -- 300

printf 'az AZ @[`{ \303\251' >"$tap_dir/in"
dive 0 upper $k/upper.elf <"$tap_dir/in"
is "$out" "$(printf 'AZ AZ @[`{ \303\251')" 'upper: ASCII letters only'
dive 0 'upper of nothing' $k/upper.elf
is "$out" '' 'upper: nothing in, nothing out'

# Several times the ring, and no multiple of anything.
head -c 400001 /dev/urandom >"$tap_dir/in"
dive 0 echo $k/echo.elf <"$tap_dir/in"
ok 'echo: byte-exact' cmp "$tap_dir/in" "$tap_dir/out"
dive 0 sum $k/sum.elf <"$tap_dir/in"
is "$out" "$(sum -s <"$tap_dir/in")" 'sum: as sum -s'
is "$(build/dive $k/upper.elf <"$tap_dir/in" | build/dive $k/sum.elf)" \
	"$(LC_ALL=C tr '[:lower:]' '[:upper:]' <"$tap_dir/in" | sum -s)" 'a pipe of kernels'

for cpus in 1 2 4; do
	dive 0 "smp with $cpus" --cpus $cpus $k/smp.elf
	is "$out" "$cpus cpus, sum ${cpus}000" "smp: all $cpus work"
	is "$(printf '%s\n' "$err" | grep -c '^cpu .: APIC id .$')" $cpus \
		"smp: $cpus lines on the console"
done

dive 0 timer $k/timer.elf
is "$out" '10 ticks' 'timer: ticks'

for mem in 16M 256M 64M@1536M; do
	dive 0 "memmap with $mem" --mem $mem $k/memmap.elf
	like "$out" '^[0-9]+ of [0-9]+ MiB are free' "memmap: $mem"
done
like "$out" '^memory   0000000060000000-0000000063ffffff' 'memmap: base'

# A frame of many pages does not step over the unmapped one below the stack.
cat >"$tap_dir/frame.c" <<'END'
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	volatile char large[DIVE_CPUS_MAX * 1024];

	large[0] = boot->args[0];
	return large[0];
}
END
ok 'dive-cc compiles' contract/guest/dive-cc -o "$tap_dir/frame.elf" \
	"$tap_dir/frame.c"
run 30 build/dive "$tap_dir/frame.elf"
is "$status" 134 'a frame larger than the stack is a crash'
like "$err" 'likely cause: stack overflow' '... with this cause'

dive 134 crash $k/crash.elf
like "$err" 'write to 0x0' 'crash: the report names the address'
dive 134 panic $k/crash.elf -- panic at noon
like "$err" 'asked to: panic at noon' 'panic: the report has its words'
run 30 build/dive $k/crash.elf -- panic at noon
like "$err" '^  rip 0{10}[0-9a-f]{6} rsp ' 'panic: what was recorded'
unlike "$err" '^  rax' 'panic: no register that nobody recorded'

# The conformance kernel: its TAP is the evidence, with one line per promise.
printf 'conform\n' >"$tap_dir/in"
for how in '--cpus 2' '--cpus 1' '--cpus 2 --mem 64M@1536M' \
	'--cpu -x2apic --cpus 2'; do
	# shellcheck disable=SC2086 # words are meant
	dive 0 "conform $how" $how $k/conform.elf -- one two <"$tap_dir/in"
	unlike "$out" '^not ok' "conform $how: every promise is kept"
	like "$out" '^1\.\.[1-9]' "conform $how: to the end"
done
for section in 1 2 3 4 5 6 7 8 9 10; do
	like "$out" "^ok [0-9]+ - $section\.[0-9]" "section $section is checked"
done
done_testing
