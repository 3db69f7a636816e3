#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# diver: its verbs, what inspect says of each kind of image, its JSON.
# Needs no KVM.
# shellcheck disable=SC2154,SC2016 # run sets status, out, err; $j is perl's
. guest-tests/tap.sh

diver=build/diver
seeds=loader/test/corpus/load

# json EXPRESSION: prints it, with $j the object that was printed last.
json() {
	perl -MJSON::PP -e '
		local $/;
		my $j = JSON::PP->new->utf8->decode(<STDIN>);
		my $v = eval $ARGV[0];
		die $@ if $@;
		print ref $v ? JSON::PP->new->canonical->encode($v) : $v, "\n";
	' "$1" <"$tap_dir/out"
}

# --- verbs ------------------------------------------------------------------

run 10 $diver
is "$status" 125 'without a verb it fails'
like "$err" '^usage: diver' '... and shows its usage'
run 10 $diver --help
is "$status" 0 '--help is no error'
like "$out" '^  inspect ' '... and lists the verbs'
run 10 $diver inspect --help
is "$status" 0 '--help behind a verb is no error'
like "$out" '^  inspect ' '... and lists the verbs'
run 10 $diver frobnicate
is "$err" 'diver: frobnicate: no such verb; diver --help lists them' \
	'an unknown verb is named'
is "$status" 125 '... and fails'
for args in '' 'a b' '--xml a'; do
	# shellcheck disable=SC2086 # words are meant
	run 10 $diver inspect $args
	is "$status" 125 "inspect $args is not understood"
	like "$err" 'usage: diver inspect FILE \[--json\]' '... and says how'
done

# --- tables -----------------------------------------------------------------

run 10 $diver inspect build/kernels/hello.elf
is "$status" 0 'a contract kernel can be booted'
like "$out" '^boots by +Diver kernel contract, the first offered of contract,' \
	'... by the contract, and why'
like "$out" '^needs +the lean machine' '... on the lean machine'
like "$out" '^multiboot1 +offered +header at 0x' '... and by multiboot1'
like "$out" '^fullvm +nothing$' '... with nothing in the way of fullvm'
run 10 $diver inspect $seeds/multiboot2-relocatable
like "$out" '^boots by +Multiboot2' 'multiboot2 is recognised'
like "$out" '^needs +the PC board: PIC' '... and needs a PC'
like "$out" "^hrt +.*contract's delegation" '... which hrt is not'
like "$out" 'INIT and SIPI' '... nor is pisces'
run 10 $diver inspect $seeds/multiboot1-elf32
like "$out" 'fixed to 0x200000 .. 0x201000' 'a fixed low address is named'

# --- refusals ---------------------------------------------------------------

run 10 $diver inspect $seeds/bzimage-bios
is "$status" 126 'what needs a BIOS is refused'
like "$err" '^diver: .*16-bit entry.*BIOS' '... with the reason'
like "$out" '^linux +unusable' '... also in the table'
run 10 $diver inspect $seeds/multiboot2-efi
like "$err" 'information 17 \(an EFI memory map\)' \
	'a required tag that does not exist is named'
run 10 $diver inspect Makefile
is "$status" 126 'a text file is no kernel'
run 10 $diver inspect "$tap_dir/none"
is "$status" 127 'a missing file is not found'
run 10 $diver inspect .
is "$status" 126 'a folder is refused'

# --- JSON -------------------------------------------------------------------

run 10 $diver inspect --json $seeds/pvh
is "$status" 0 'JSON of a good image'
is "$(json '$j->{boot}')" pvh '... names the protocol'
is "$(json '$j->{refusal} // "null"')" null '... and no refusal'
is "$(json 'join " ", map { $_->{name} } @{$j->{protocols}}')" \
	'contract solo5 pvh multiboot2 multiboot1 linux' '... all protocols in order'
is "$(json '$j->{protocols}[2]{lo}')" 0x200000 '... an address as a string'
is "$(json '[map { $_->{runs} } @{$j->{modes}}]')" '[true,false,false]' \
	'... and the modes it runs in'
run 10 $diver inspect $seeds/bzimage-bios --json
is "$status" 126 'JSON of a refused image'
is "$(json '$j->{boot} // "null"')" null '... names no protocol'
like "$(json '$j->{refusal}')" BIOS '... but the reason'

# --- hostile names ----------------------------------------------------------

evil=$(printf 'k\033[31m"\\\351\n')
cp $seeds/pvh "$tap_dir/$evil"
run 10 $diver inspect "$tap_dir/$evil"
like "$out" '^file .*/k\\x1b\[31m"\\\\xe9, 608 bytes' \
	'no escape sequence of a file name reaches the terminal'
run 10 $diver inspect --json "$tap_dir/$evil"
like "$(json '$j->{file} =~ s/.*k/k/r eq "k\e[31m\"\\\x{e9}" ? "same" : "other"')" \
	same 'the name is kept in JSON, which stays Unicode'

done_testing
