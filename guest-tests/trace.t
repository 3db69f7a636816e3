#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --trace, --stats and --timing-svg: every event once, and nothing that a guest
# or a reader can do with it.
# shellcheck disable=SC2154 # run sets status, out and err
. guest-tests/tap.sh
need_kvm

dive=build/dive
kernels=build/kernels
line='^[0-9]+\.[0-9]{9} (-1|[0-9]+) [a-z]+ (read|write|raise|lower|send|-) 0x[0-9a-f]+ [0-9]+ [0-9]+ 0x[0-9a-f]+ 0x[0-9a-f]+ [0-9]+$'

# member FILE NAME: a number of the JSON line, by path.
member() {
	perl -MJSON::PP -e '
		my ($file, $path) = @ARGV;
		open my $f, "<", $file or die;
		my $v = decode_json do { local $/; <$f> };
		for (split /\./, $path) { $v = ref $v eq "ARRAY" ? $v->[$_] : $v->{$_} }
		print $v' "$1" "$2"
}

# stat FILE EVENT OP ADDRESS NAME: a number of one row, or of the event.
stat() {
	# shellcheck disable=SC2016 # perl
	perl -MJSON::PP -e '
		my ($file, $event, $op, $address, $name) = @ARGV;
		open my $f, "<", $file or die;
		my $s = decode_json(do { local $/; <$f> })->{stats};
		for (@{$s->{$op ? "addresses" : "events"}}) {
			next unless $_->{event} eq $event;
			next if $op && ($_->{op} ne $op || $_->{address} ne $address);
			print $_->{$name};
		}' "$@"
}

# --- --trace ----------------------------------------------------------------

run 20 "$dive" --trace exits --trace-file "$tap_dir/trace" --status-fd 3 \
	--boot multiboot2 "$kernels/own-mb2.elf" 3>"$tap_dir/json"
is "$status$err" 7 'a traced kernel ends as ever, nothing on stderr'
is "$(head -n 1 "$tap_dir/trace")" \
	'# s cpu event op address size count value rip ns' 'a head tells the columns'
is "$(grep -vcE "$line" "$tap_dir/trace")" 1 'all other lines have their form'
is "$(grep -c ' pio ' "$tap_dir/trace")" "$(member "$tap_dir/json" exits.pio)" \
	'a line for each exit'
# Its message, from the bytes that it wrote to COM1.
# shellcheck disable=SC2016 # perl
is "$(perl -ne 'print chr hex $1 if / pio write 0x3f8 1 1 0x([0-9a-f]+) /' \
	"$tap_dir/trace")" "$out" 'values are those that the kernel wrote'
ok 'times never go back' sort -c -n "$tap_dir/trace"

run 20 "$dive" --trace pio --boot multiboot2 "$kernels/own-mb2.elf"
unlike "$err" ' (msr|mmio|doorbell|interrupted|other) ' 'pio: nothing else'
like "$err" ' pio write 0xf4 ' '... on standard error'
run 20 "$dive" --trace msr --boot multiboot2 "$kernels/own-mb2.elf"
like "$err" ' msr write 0xc0000080 8 1 0x[0-9a-f]*[15]0[01] ' 'msr: EFER with LME'
unlike "$err" ' pio ' '... and nothing else'
is "$status" 7 '... and the MSR is written'
run 20 "$dive" --trace mmio --strict "$kernels/hostile-hole.elf"
like "$err" ' mmio (read|write) 0x' 'mmio: an access where nothing is'
echo abc | "$dive" --trace irq --trace-file "$tap_dir/trace" \
	"$kernels/upper.elf" >"$tap_dir/out"
is "$(cat "$tap_dir/out")" ABC 'irq: the kernel gets its input'
like "$(cat "$tap_dir/trace")" '^[0-9.]* -1 msi send 0x40 ' '... by interrupts'
run 20 "$dive" --cpus 4 --trace exits "$kernels/smp.elf"
is "$(printf '%s\n' "$err" | grep -c '^[0-9.]* [0-3] doorbell')" \
	"$(printf '%s\n' "$err" | grep -c ' doorbell ')" 'four CPUs, whole lines'

# A reader that does not read, a kernel that never stops: no memory, no wait.
mkfifo "$tap_dir/fifo"
perl -e 'open my $f, "<", shift or die; sleep 30' "$tap_dir/fifo" &
reader=$!
"$dive" --timeout 3 --trace exits --trace-file "$tap_dir/fifo" --status-fd 3 \
	"$kernels/hostile-flood.elf" >/dev/null 2>&1 3>"$tap_dir/json" &
traced=$!
sleep 1
first=$(awk '/VmRSS/ { print $2 }' /proc/$traced/status)
sleep 1
second=$(awk '/VmRSS/ { print $2 }' /proc/$traced/status)
wait $traced
is "$?" 124 'a reader that sleeps does not hold up --timeout'
ok "... nor does memory grow: $first KiB, $second KiB" \
	[ "$second" -le $((first + 256)) ]
kill $reader
wait $reader 2>/dev/null
{
	timeout 20 "$dive" --trace exits "$kernels/hostile-ports.elf" 2>&1
} | { sleep 1; cat; } >"$tap_dir/trace"
like "$(grep "^#" "$tap_dir/trace")" '^# [0-9]+ events more than could be told$' \
	'what a slow reader missed is told'
is "$(grep -vE "$line" "$tap_dir/trace" | grep -vc '^#\|^done$')" 0 \
	'... and every line is whole'

# --- --stats ----------------------------------------------------------------

run 20 "$dive" --stats --status-fd 3 --boot multiboot2 "$kernels/own-mb2.elf" \
	3>"$tap_dir/json"
is "$(stat "$tap_dir/json" pio '' '' count)" \
	"$(member "$tap_dir/json" exits.pio)" '--stats counts every exit'
is "$(stat "$tap_dir/json" pio write 0x3f8 count)" "$(printf '%s\n' "$out" | wc -c)" \
	'... by port'
is "$(stat "$tap_dir/json" pio write 0x3f8 device)" serial '... names the device'
is "$(stat "$tap_dir/json" msr write 0xc0000080 count)" 2 '... by MSR'
ok '... with latencies in order' \
	[ "$(stat "$tap_dir/json" pio write 0x3f8 median_ns)" -le \
	"$(stat "$tap_dir/json" pio write 0x3f8 max_ns)" ]
like "$err" '^pio.write.0x3f8.serial.[0-9]+.[0-9]+.[0-9]+.[0-9]+.[0-9]+$' \
	'... and tells it to a program'
run 20 "$dive" --stats --status-fd 3 "$kernels/hostile-ports.elf" 3>"$tap_dir/json"
is "$(stat "$tap_dir/json" pio '' '' accesses)" \
	"$(member "$tap_dir/json" exits.pio)" 'REP INS: one exit, many accesses'
ok '... fewer exits' [ "$(stat "$tap_dir/json" pio '' '' count)" -lt \
	"$(member "$tap_dir/json" exits.pio)" ]
run 20 "$dive" --stats --json --strict "$kernels/hostile-hole.elf"
is "$(stat "$tap_dir/err" mmio '' '' count)" 1 '... by address'
if command -v script >/dev/null; then
	run 20 script -qec "$dive --stats $kernels/hello.elf" /dev/null
	like "$out" '^doorbell +2 .*\|#+' 'on a terminal: bars'
	like "$out" '^    <  *[0-9]+ [um]s  .*\|#+' '... and a histogram'
else
	skip 'on a terminal: bars' 'script is missing'
fi

# --- --timing-svg -----------------------------------------------------------

cp "$kernels/hello.elf" "$tap_dir/<&>.elf"
run 20 "$dive" --timing-svg "$tap_dir/a.svg" "$tap_dir/<&>.elf"
is "$status$out" 0hello '--timing-svg: the kernel runs as ever'
like "$(cat "$tap_dir/a.svg")" '&lt;&amp;&gt;.elf: [0-9]+\.[0-9]{3} ms<' \
	'... its name is in the picture'
if command -v xmllint >/dev/null; then
	ok '... which is XML' xmllint --noout "$tap_dir/a.svg"
	is "$(xmllint --xpath 'count(//*[local-name()="rect"])' "$tap_dir/a.svg")" \
		8 '... with a bar for each of seven phases'
else
	skip '... which is XML' 'xmllint is missing'
fi

# --- refused ----------------------------------------------------------------

run 10 "$dive" --trace exit "$kernels/hello.elf"
is "$status$err" "125dive: --trace: 'exit' is no kind of event; write some of exits,pio,mmio,msr,irq" \
	'a wrong word'
run 10 "$dive" --trace-file x "$kernels/hello.elf"
is "$status$err" '125dive: --trace-file goes with --trace only; write --trace exits --trace-file FILE' \
	'a file without a trace'
run 10 "$dive" --timing-svg /nowhere/x "$kernels/hello.elf"
is "$status$err" '125dive: --timing-svg: /nowhere/x: No such file or directory' \
	'a file that cannot be made'
run 10 "$dive" --stats --repeat 2 "$kernels/hello.elf"
is "$status$err" '125dive: --trace, --stats and --timing-svg do not go with --repeat; give them to an ordinary run' \
	'--repeat'

done_testing
