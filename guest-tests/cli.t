#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a person meets first: options, errors word for word, exit statuses.
# shellcheck disable=SC2154 # run sets status, out and err
. guest-tests/tap.sh
need_kvm

dive=build/dive
kernels=build/kernels
dir=$(pwd)

# refused STATUS MESSAGE ARGUMENTS...: exactly this and nothing else.
refused() {
	want_status=$1; want=$2; shift 2
	run 10 "$dive" "$@"
	is "$err" "dive: $want" "says: $want"
	is "$status" "$want_status" "... and ends with $want_status"
	is "$out" '' '... and prints nothing on stdout'
}

# --- options ----------------------------------------------------------------

refused 125 'no kernel given; write dive KERNEL, or see dive --help'
refused 125 'unknown option --tim; did you mean --timeout? See dive --help' \
	--tim 5 "$kernels/hello.elf"
refused 125 'unknown option --timin; did you mean --timing? See dive --help' \
	--timin "$kernels/hello.elf"
refused 125 'unknown option -h; see dive --help' -h
refused 125 'unknown option --frob=1; see dive --help' --frob=1 x
refused 125 '--mem needs a value; see dive --help' --mem
refused 125 '--cpu needs a value; see dive --help' --cpu
refused 125 '--strict takes no value; see dive --help' --strict=1 x
refused 125 "--mem: '12Q' is not SIZE[@BASE]; write 256M or 256M@0x60000000" \
	--mem 12Q x
refused 125 "--mem: '99999999999G' is not SIZE[@BASE]; write 256M or 256M@0x60000000" \
	--mem 99999999999G x
refused 125 '--cpus: 65 is too large; the largest is 64' --cpus 65 x
refused 125 '--cpus: 0 is too small; the smallest is 1' --cpus 0 x
refused 125 "--pin: '3-1' is not a list of CPUs; write 2 or 0-3,8" --pin 3-1 x
refused 125 '--pin names 1 of 2 virtual CPUs; name a CPU of the host for each' \
	--pin 0 --cpus 2 x
refused 125 "--pin: cannot run on host CPU 4000: Invalid argument; 'nproc --all' says how many there are" \
	--pin 4000 "$kernels/hello.elf"
refused 125 '--hugepages: huge pages are 2M or 1G, not 4M' --hugepages 4M x
refused 125 "--timeout: '1m' is not a number of seconds; write 5 or 0.25" \
	--timeout 1m x
refused 125 '--status-fd: descriptor 77 is not open; open it in the shell: 77>FILE' \
	--status-fd 77 x
refused 125 'with --mode pisces there is no virtual machine: --mem, --cpus, --pin, --initrd, --timeout, --timing and what tells the outcome are all that goes with it' \
	--mode pisces --gdb tcp::1 x
refused 125 '--mode pisces isolates performance and protects nothing: the kernel can read, change and reset all of this machine. If you trust it as you trust Linux, say so with --trust' \
	--mode pisces x
refused 125 '--trust goes with --mode pisces only' --trust x
refused 125 "--mode: there is no mode 'vm'; use --mode fullvm, hrt or pisces" \
	--mode vm x
refused 125 '--warmup goes with --repeat N only' --warmup 3 x

run 10 "$dive" --help
is "$status" 0 '--help succeeds'
like "$out" '^usage: dive \[options\] KERNEL' '--help begins with the usage'
printf '%s\n' "$out" | sed -n 's/^  --\([a-z-]*\(\[=[^ ]*\]\)\{0,1\}\( [^ ]\{1,\}\)\{0,1\}\)   *.*/\1/p' \
	>"$tap_dir/help"
sed -n 's/^\.It Fl Fl //p' cli/dive.1 |
	sed 's/ Ns O[op] \(.\) Ns Ar \([A-Z]*\)\( Oc\)*/[\1\2]/
		s/ Ns Op \([^ ]*\)/[\1]/; s/ Ar / /' >"$tap_dir/man"
is "$(cat "$tap_dir/man")" "$(cat "$tap_dir/help")" \
	'man page and --help name the same options and values'
ok '... and there are some' [ "$(wc -l <"$tap_dir/man")" -gt 20 ]
run 10 "$dive" --version
like "$out" '^dive [0-9.]+$' '--version tells it'

# --- arguments of the kernel ------------------------------------------------

run 20 "$dive" "$kernels/args.elf" a --json --mem -- b
is "$out$err" "1: a
2: --json
3: --mem
4: --
5: b" 'what follows the kernel is the kernel'"'"'s'
run 20 "$dive" "$kernels/args.elf" -- --help
is "$out$err" '1: --help' 'a -- directly behind the kernel is dropped'
run 20 "$dive" -- "$kernels/args.elf" x
is "$out$err" '1: x' 'a -- before the kernel ends the options'

# --- the first errors -------------------------------------------------------

echo 'just some text' >"$tap_dir/text"
: >"$tap_dir/empty"
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000\001\000\000\000' >"$tap_dir/elf32"
head -c 500 /dev/zero >>"$tap_dir/elf32"
printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\003\000\267\000\001\000\000\000' >"$tap_dir/arm.so"
head -c 500 /dev/zero >>"$tap_dir/arm.so"

refused 127 'no-such-file: No such file or directory' no-such-file
refused 126 "$tap_dir: is a directory: name a kernel in a regular file" \
	"$tap_dir"
refused 126 '/dev/null: is not a regular file: name a kernel in a regular file' \
	/dev/null
refused 126 "$tap_dir/empty: is empty" "$tap_dir/empty"
refused 126 "$tap_dir/text: no kernel found in it: it is not an ELF file. contract: not ELF64 for x86-64; solo5: no Solo5 note; pvh: no PVH note; multiboot2: no header in the first 32 KiB; multiboot1: no header in the first 8 KiB; linux: no setup header, not ELF64" \
	"$tap_dir/text"
refused 127 'no-initrd: No such file or directory' --initrd no-initrd \
	"$kernels/hello.elf"
run 10 "$dive" "$tap_dir/arm.so"
is "$status" 126 'a shared object for another machine is refused'
like "$err" "^dive: $tap_dir/arm.so: no kernel found in it: it is a damaged ELF file, or not one for x86\\." \
	'... in these words'
run 10 "$dive" "$tap_dir/elf32"
is "$status" 126 'a kernel without any header is refused'
like "$err" 'multiboot2: no header in the first 32 KiB; multiboot1: no header' \
	'... and told what was looked for'

# An empty root has no /dev/kvm.
mkdir "$tap_dir/root"
cp "$dive" "$kernels/hello.elf" "$tap_dir/root"
[ "$(id -u)" = 0 ] && as_root='' || as_root='unshare -r'
# shellcheck disable=SC2086 # words
run 10 $as_root chroot "$tap_dir/root" /dive /hello.elf
is "$err" "dive: /dev/kvm is missing: this machine offers no hardware virtualisation, or the module kvm_intel or kvm_amd is not loaded; try 'modprobe kvm_intel' or 'modprobe kvm_amd', and see that it is enabled in the firmware or by the outer hypervisor" \
	'/dev/kvm is missing: says so'
is "$status" 125 '... and ends with 125'

# A /dev/kvm that only root may open.
if [ "$(id -u)" = 0 ]; then
	mkdir "$tap_dir/root/dev"
	(umask 077 && : >"$tap_dir/root/dev/kvm")
	chmod 755 "$tap_dir" "$tap_dir/root"
	run 10 chroot --userspec=65534:65534 "$tap_dir/root" /dive /hello.elf
	# shellcheck disable=SC2016 # the message says $USER
	is "$err" 'dive: no permission for /dev/kvm: add yourself to its group with '"'"'sudo usermod -aG kvm $USER'"'"' and log in again' \
		'no permission for /dev/kvm: says so'
	is "$status" 125 '... and ends with 125'
else
	skip 'no permission for /dev/kvm' 'only root can play that'
fi

run 20 "$dive" --timeout 6 "$kernels/hostile-never.elf"
is "$(printf '%s\n' "$err" | sed 's/+0x[0-9a-f]*//; s/:[0-9]*)/:N)/')" \
	'dive: no output yet, RIP is in dive_main (contract/guest/dive.h:N)
dive: stopped after --timeout 6.000 s, RIP was in dive_main (contract/guest/dive.h:N)' \
	'a kernel silent for 5 s: where it is'
is "$status" 124 '... and 124 when its time is up'

# --- exit status ------------------------------------------------------------

for n in 0 1 41 124 255; do
	run 20 "$dive" "$kernels/exit.elf" "$n"
	is "$status$err" "$n" "a kernel's $n is the status, without a word"
done
run 20 "$dive" "$kernels/exit.elf" 258
is "$status" 2 'a status is taken modulo 256'
run 20 "$dive" --exit-ok 41 "$kernels/exit.elf" 41
is "$status" 0 '--exit-ok 41 makes 41 a success'
run 20 "$dive" --exit-ok 41 "$kernels/exit.elf" 42
is "$status" 42 '... and nothing else'
run 20 "$dive" --quiet "$kernels/crash.elf"
is "$err" 'dive: kernel crashed: page fault (#PF): write to 0x0, which is not mapped' \
	'--quiet: a crash is one line'
is "$status" 134 '... and 134'

# A signal: dive dies by it, so that a shell stops its script.
for sig in HUP:1 INT:2 TERM:15; do
	# shellcheck disable=SC2016 # perl
	run 20 perl -e '
		my ($sig, @cmd) = @ARGV;
		my $pid = fork // die;
		if (!$pid) { exec @cmd or die }
		select undef, undef, undef, 1;
		kill $sig, $pid;
		waitpid $pid, 0;
		print $? & 127;' "${sig#*:}" "$dive" "$kernels/hostile-never.elf"
	is "$out" "${sig#*:}" "SIG${sig%:*}: dies by it"
done

# The reader goes away.
{
	timeout 20 "$dive" "$kernels/hostile-flood.elf" 2>/dev/null
	echo $? >"$tap_dir/status"
} | head -c 100 >/dev/null
is "$(cat "$tap_dir/status")" 141 'EPIPE on stdout: dies by SIGPIPE'

# --- the outcome for programs -----------------------------------------------

# json FILE: is it JSON? Prints the members asked for.
json() {
	perl -MJSON::PP -e '
		my ($file, @keys) = @ARGV;
		open my $f, "<", $file or die;
		my @lines = <$f>;
		die "not one line" if @lines != 1;
		my $j = decode_json $lines[0];
		print join " ", map {
			my $v = $j;
			$v = $v->{$_} for split /\./, $_;
			$v } @keys' "$@"
}

run 20 "$dive" --status-fd 3 "$kernels/exit.elf" 7 3>"$tap_dir/json"
is "$(json "$tap_dir/json" cause code status protocol)" 'exit 7 7 contract' \
	'--status-fd: a status'
run 20 "$dive" --status-fd 1 "$kernels/hostile-eof.elf"
like "$out" '^\{"cause":"exit","status":3' '... at stdout, which the kernel has ended'
run 20 "$dive" --status-fd 3 "$kernels/hello.elf" 3>"$tap_dir/json"
is "$(json "$tap_dir/json" cause bytes.out bytes.console)" \
	"exit $(wc -c <"$tap_dir/out") $(wc -c <"$tap_dir/err")" \
	'... bytes'
# shellcheck disable=SC2016 # perl
ok '... times in order' perl -MJSON::PP -e '
	my $p = decode_json(do { local $/; open my $f, "<", $ARGV[0]; <$f> });
	my $t = $p->{phases_ns};
	my $last = 0;
	for (qw(image vm loaded cpus output stopped flushed)) {
		die "$_\n" unless $t->{$_} >= $last;
		$last = $t->{$_};
	}
	die unless $p->{wall_ns} == $last' "$tap_dir/json"
run 20 "$dive" --status-fd 3 "$kernels/crash.elf" 3>"$tap_dir/json"
is "$(json "$tap_dir/json" cause status crash.likely crash.vector)" \
	'exception 134 null-store 14' '... a crash'
run 20 "$dive" --json "$tap_dir/text"
is "$(json "$tap_dir/err" cause status)" 'refused 126' '--json: a refusal'
run 20 "$dive" --json no-such-file
is "$(json "$tap_dir/err" cause status)" 'not-found 127' '... no file'
run 20 "$dive" --json --timeout 0.5 "$kernels/hostile-never.elf"
is "$(json "$tap_dir/err" cause status)" 'timeout 124' '... a timeout'
run 10 "$dive" --timeout 18446744073 "$kernels/upper.elf"
is "$status" 0 'a time limit beyond all clocks is none'

# --- measuring --------------------------------------------------------------

run 20 "$dive" --timing "$kernels/exit.elf" 3
is "$status" 3 '--timing keeps the status'
like "$err" '^total.ns.[0-9]+$' '... and tells the times to a program'
run 60 "$dive" --repeat 3 --warmup 1 "$kernels/hello.elf"
is "$status" 0 '--repeat succeeds'
like "$out" '^name.unit.median.min.spread.n$' '... names its columns'
like "$out" '^total.ns.[0-9]+.[0-9]+.[0-9]+.3$' '... measures each run once'
like "$out" '^exits doorbell..[0-9]+.[0-9]+.[0-9]+.3$' '... counts exits'
unlike "$out$err" 'hello' '... drops what the kernel prints'
run 60 "$dive" --repeat 2 "$kernels/bench-io.elf" d 3
like "$out" '^mark 2.ns.[0-9]+.[0-9]+.[0-9]+.2$' '... and times the marks'
run 60 "$dive" --timing "$kernels/bench-io.elf" d 3
like "$err" '^mark 1.ns.[0-9]+$' '--timing does so, too'
run 60 "$dive" --json --repeat 2 "$kernels/hello.elf"
is "$(json "$tap_dir/out" runs warmup)" '2 0' '--repeat --json is JSON'
run 20 "$dive" --repeat 2 "$kernels/exit.elf" 9
is "$status" 9 '--repeat ends with the status of a run that failed'
is "$err" 'dive: run 1 ended with status 9; if that is success, add --exit-ok 9' \
	'... and says what to do'
run 20 sh -c "echo | '$dir/$dive' --repeat 2 '$kernels/hello.elf'"
is "$status$err" '125dive: --repeat cannot read a pipe again for each run; give it a file: dive --repeat ... <FILE, or </dev/null' \
	'--repeat wants input that it can rewind'
printf 'abc' >"$tap_dir/in"
run 20 "$dive" --repeat 2 --json "$kernels/upper.elf" <"$tap_dir/in"
is "$status" 0 '... such as a file'

done_testing
