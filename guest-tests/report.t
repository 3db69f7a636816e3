#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What dive and diver tell of a program's calls, as far as no program is needed.
# shellcheck disable=SC2154,SC2016 # run sets status, out, err; $j is perl's
. guest-tests/tap.sh

dive=build/dive
diver=build/diver
k=build/kernels
golden=cli/test/golden/fasta

# json FILE EXPRESSION: prints it, with $j the object in the file.
json() {
	perl -MJSON::PP -e '
		local $/;
		my $j = JSON::PP->new->decode(<STDIN>);
		print eval $ARGV[0], "\n";
		die $@ if $@;
	' "$2" <"$1"
}

# clean TEXT NAME: nothing in it that a terminal would obey.
clean() {
	is "$(printf '%s' "$1" | tr -d '\n -~' | wc -c)" 0 "$2"
}

# --- diver advise -----------------------------------------------------------

run 10 $diver advise --svg "$tap_dir/a.svg" $golden.json
is "$status" 0 'advise'
ok '... as expected' cmp "$tap_dir/out" $golden.txt
ok '... its picture, too' cmp "$tap_dir/a.svg" $golden.svg
if command -v xmllint >/dev/null; then
	ok '... which is XML' xmllint --noout "$tap_dir/a.svg"
fi
run 10 $diver advise --json $golden.json
cp "$tap_dir/out" "$tap_dir/json"
is "$(json "$tap_dir/json" 'join ",", @{$j->{programs}[0]{serve}}[0,1]')" \
	'fcntl F_GETFL,lseek' '--json'
is "$(json "$tap_dir/json" '$j->{plan}[-1]{done}')" 1 '... the plan ends well'
run 10 $diver advise --csv $golden.json
is "$(grep -c '^1,' "$tap_dir/out")" 32 '--csv has a line for each call'
sed 's/"nr":72/"nr":39/g; s/"nr":8,/"nr":0,/' $golden.json >"$tap_dir/b.json"
run 10 $diver advise $golden.json "$tap_dir/b.json"
like "$out" '^2 programs$' 'two reports'
like "$out" ' [0-9]+ make 2 of 2 programs forward only file and socket I/O$' \
	'... what makes both need little of Linux'
status=0; $diver advise - <$golden.json >"$tap_dir/out" || status=$?
is "$status" 0 'standard input'
ok '... is the same' cmp "$tap_dir/out" $golden.txt
run 10 $diver advise -
is "$status$out$err" 0 'nothing on standard input: dive has said why'
run 10 $diver advise /none
is "$status" 127 'a report that is missing'
like "$err" '^diver: /none: No such file' '... is named'
for file in Makefile $dive /dev/null; do
	run 10 $diver advise "$file"
	is "$status" 125 "$file is no report"
	like "$err" "^diver: $file: " '... and is named'
done
head -c 3000000 /dev/zero | tr '\0' '[' >"$tap_dir/deep"
run 10 $diver advise "$tap_dir/deep"
is "$status" 125 'a large file is refused'
run 10 $diver advise
like "$err" 'no FILE; usage: diver advise' 'no report at all'
run 10 $diver compare
like "$err" '^diver: what to compare\?' 'compare without a program'
run 10 $diver compare --kernel /none -- true
is "$status" 125 'compare, a kernel that is missing: status'
like "$err" '^dive: /none: No such file' '... dive says why'
run 10 $diver without --frob
like "$err" '^diver: --frob: not understood; usage: diver without' 'without'

# --- dive --report ----------------------------------------------------------

run 10 $dive --report $k/hello.elf
is "$status" 125 '--report without --mode hrt'
run 10 $dive --mode hrt --report=xml:x $k/hello.elf
like "$err" '^dive: --report: it is json:FILE or svg:FILE' '... in another form'
need_kvm

# split OPTION...: run of tap.sh, with a machine beside the kernel.
split() { run 30 $dive --mode hrt --ros $k/ticks.elf --window 16M "$@"; }

split --report $k/hello.elf
is "$status" 0 'a kernel that has no program'
like "$err" '^The kernel has not had Linux do any calls' '... is told of as such'
for seed in '' 1 4711; do
	split --report "--report=json:$tap_dir/r.json" \
		"--report=svg:$tap_dir/r.svg" $k/hostile-counts.elf $seed
	is "$status" 0 "counts by a foe ($seed)"
	clean "$err" '... nothing for a terminal to obey'
	like "$err" '^256 entries of the counts were left out' '... what is bad is'
	is "$(json "$tap_dir/r.json" 'scalar @{$j->{counts}}')" 256 \
		'... the file has the others'
	ok '... and they are drawn' grep -q '</svg>' "$tap_dir/r.svg"
done
split --report "--report=json:$tap_dir/r.json" $k/nonesuch.elf
is "$status" 127 'a kernel that is missing: its status'
is "$(printf '%s\n' "$err" | wc -l)" 1 '... and no word of diver'
split --report=json:/none/r.json $k/hello.elf
is "$status" 125 'a file that cannot be made: no run'
like "$err" '^dive: --report: /none/r.json: No such file' '... and why'
cp $dive "$tap_dir/alone"
run 30 env PATH=/none "$tap_dir/alone" --mode hrt --ros $k/ticks.elf --report \
	--window 16M $k/hello.elf
is "$out" hello 'no diver beside dive: the kernel runs'
like "$err" '^dive: --report: there is no diver beside dive' '... it is told'
mkfifo "$tap_dir/full"
exec 3<>"$tap_dir/full"
exec 4>"$tap_dir/full"
head -c 65536 /dev/zero >&3
status=0
timeout 20 $dive --mode hrt --ros $k/ticks.elf --window 16M --timeout 5 \
	--report $k/hello.elf >"$tap_dir/out" 2>&4 3<&- || status=$?
exec 3<&- 4>&-
is "$status$(cat "$tap_dir/out")" 0hello \
	'nobody reads the report: under --timeout nobody waits for that'
if strace -o "$tap_dir/trace" true 2>/dev/null; then
	run 60 strace -f -o "$tap_dir/trace" $dive --mode hrt --ros \
		$k/ticks.elf --window 16M --report $k/hostile-counts.elf
	unlike "$(grep -v ENOENT "$tap_dir/trace")" EPERM \
		'no system call is denied'
fi
done_testing
