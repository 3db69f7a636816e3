#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# contract/PORTING.md keeps its word: its diff is short, applies to own-mb2, and
# the result is a contract kernel that did not forget where it comes from.
. guest-tests/tap.sh
need_kvm

# shellcheck disable=SC2016 # the backquotes are Markdown's
sed -n '/^```diff$/,/^```$/p' contract/PORTING.md | sed '1d;$d' >"$tap_dir/diff"
lines=$(wc -l <"$tap_dir/diff")
ok "the diff has $lines lines, at most 40" [ "$lines" -le 40 ]
ok 'the diff is not empty' [ "$lines" -gt 10 ]

mkdir "$tap_dir/own"
cp guest-tests/kernels/own-mb2/* "$tap_dir/own"
ok 'it applies' git -C "$tap_dir/own" apply --unidiff-zero ../diff

# The page's build command, from the page; paths as seen from there.
sed -n '/^gcc/,/guest\.a$/p' contract/PORTING.md |
	sed "s,contract/guest,$PWD/&,; s,build/guest,$PWD/&," >"$tap_dir/build"
ok 'it builds with the command of the page' \
	sh -ec "cd $tap_dir/own && . ../build"

run 20 build/dive --quiet "$tap_dir/own/own.elf" -- some arguments
is "$status" 7 'the port returns 7'
is "$out" 'own kernel, arguments: some arguments
1229 primes' 'the port prints'
run 20 build/dive --quiet --mem 64M@1536M "$tap_dir/own/own.elf" -- x
is "$status" 7 'the port runs at 1536M'

for file in build/kernels/own-mb2.elf "$tap_dir/own/own.elf"; do
	run 20 build/dive --quiet --boot multiboot2 "$file" -- old way
	is "$status" 7 "${file##*/} by multiboot2 returns 7"
	like "$out$err" 'arguments: .*old way' "${file##*/} by multiboot2 prints"
done
done_testing
