#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Disks of contract kernels: what is written is there, what is refused is said.
. guest-tests/tap.sh
need_kvm

disk=$tap_dir/disk

# blk WANTED_STATUS NAME WORDS [option...]
blk() {
	want=$1; name=$2; words=$3; shift 3
	# shellcheck disable=SC2086 # words
	run 30 build/dive --timeout 20 --quiet "$@" build/kernels/blk.elf -- $words
	is "$status" "$want" "$name: status $want"
}

truncate -s 64K "$disk"
blk 0 'size and name' id --disk "$disk"
is "$out" '128 sectors, disk' 'size and name'
blk 0 write 'write 3 hello disk' --disk "$disk"
is "$(dd if="$disk" bs=512 skip=3 count=1 2>/dev/null | tr -d '\000')" \
	'hello disk' 'a sector is in the file'
blk 0 read 'read 3' --disk "$disk"
is "$out" 'hello disk' 'and read back'
blk 0 'several in flight' test --disk "$disk"
is "$out" '125 sectors, 0 wrong' 'several in flight'
blk 0 zero 'zero 3' --disk "$disk"
is "$(dd if="$disk" bs=512 skip=3 count=1 2>/dev/null | tr -d '\000')" '' \
	'write zeroes'
blk 134 'beyond the end' 'read 128' --disk "$disk"
like "$err" 'status 1' 'beyond the end is an error of the request'

before=$(cksum <"$disk")
blk 134 'read only' 'write 0 x' --disk "$disk:ro"
is "$(cksum <"$disk")" "$before" 'read only: nothing is written'
blk 0 'read only, twice' 'read 0' --disk "$disk:ro" --disk "$disk:ro"
blk 125 'two writers' id --disk "$disk" --disk "$disk"
like "$err" 'in use by another process' 'two writers are refused'
blk 127 'no file' id --disk "$tap_dir/none"
blk 125 'a folder' id --disk "$tap_dir"
truncate -s 1000 "$tap_dir/odd"
blk 125 'half a sector' id --disk "$tap_dir/odd"
like "$err" 'truncate -s %512' 'half a sector: what to do'
blk 134 'no disk' id
like "$err" 'no disk; give one with dive --disk FILE' 'no disk'

# Without io_uring (containers forbid it) disks are slower, not different.
if command -v strace >/dev/null; then
	truncate -s 64K "$disk"
	run 60 strace -f -o "$tap_dir/calls" -e trace=io_uring_setup \
		-e inject=io_uring_setup:error=EPERM \
		build/dive --timeout 60 --disk "$disk" build/kernels/blk.elf -- test
	is "$status" 0 'without io_uring'
	like "$out" ', 0 wrong$' '... all is well, too'
	like "$(cat "$tap_dir/calls")" 'EPERM.*INJECTED' '... and it was forbidden'
else
	skip 'without io_uring' 'there is no strace'
fi

done_testing
