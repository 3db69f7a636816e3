#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kernels for Solo5's hvt: its hypercalls, its devices, and hostile ones.
# shellcheck disable=SC2154 # run sets status, out and err
. guest-tests/tap.sh
need_kvm

own=build/kernels/own-solo5.elf
hostile=build/kernels/hostile-solo5.elf
disk=$tap_dir/disk
head -c 65536 /dev/zero >"$disk"
# Gives back each frame it gets.
mkfifo "$tap_dir/wire"
exec 5<>"$tap_dir/wire"

# --- friendly -----------------------------------------------------------------

run 30 build/dive --timeout 20 --disk "storage:$disk" --net service:fd=5 \
	$own 7 words
is "$out" 'solo5: 7 words' 'own-solo5 finds all as it should be'
is "$status" 7 '... and its status arrives'
is "$err" '' '... and nobody complains'
ok 'what it wrote is in the file' \
	[ "$(cksum <"$disk")" != "$(head -c 65536 /dev/zero | cksum)" ]
run 30 build/dive --timeout 20 --disk "$disk" --net fd=5 $own 0
is "$status" 0 'without names, devices are taken in order'
run 30 build/dive --timeout 20 --disk "$disk:ro" --net fd=5 $own 0
is "$out" 'not ok: write' 'a disk may be read-only'
run 30 build/dive --exit-ok 9 --timeout 20 --disk "$disk" --net fd=5 $own 9
is "$status" 0 '--exit-ok'

# --- refused ------------------------------------------------------------------

# refused STATUS MESSAGE ARGUMENTS...
refused() {
	want=$1 text=$2; shift 2
	run 10 build/dive "$@"
	is "$err" "dive: $text" "says: $text"
	is "$status" "$want" "... and ends with $want"
}

refused 125 "the kernel needs a disk 'storage': give --disk storage:FILE" $own
refused 125 "the kernel needs a network 'service': give --net service:user" \
	--disk "storage:$disk" $own
refused 125 '--disk other: the kernel has no such device left in its manifest' \
	--disk "other:$disk" $own
refused 125 '--disk : the kernel has no such device left in its manifest' \
	--disk "$disk" --disk "$disk" $own
refused 127 '--disk: /nowhere/disk: No such file or directory' \
	--disk storage:/nowhere/disk $own
refused 125 '--disk: /dev/null is no disk: name a file or a block device' \
	--disk storage:/dev/null $own
head -c 513 /dev/zero >"$tap_dir/odd"
refused 125 "--disk: $tap_dir/odd has 513 bytes, a disk has whole sectors: 'truncate -s %512' rounds up" \
	--disk "storage:$tap_dir/odd" $own
refused 125 "--net: there is no network 'wlan0'; write user, tap=NAME or fd=N" \
	--net wlan0 $own
refused 125 '--net: descriptor 77 is not open' --net fd=77 $own
for device in --disk=storage:$disk --net=service:fd=5; do
	refused 126 'names of disks and networks are for Solo5 kernels' "$device" \
		build/kernels/hello.elf
done
refused 125 'a Solo5 kernel has no virtio devices: leave out --rng, --share and --virtio-console' \
	--rng $hostile
refused 125 'a Solo5 kernel has one CPU: leave out --cpus' --cpus 2 $hostile
refused 125 '--mem of a Solo5 kernel is a multiple of 2M, starts at 0 and is 4G at most' \
	--mem 3M $hostile
refused 126 "$hostile: a Solo5 kernel has no modules" --initrd "$disk" $hostile

run 10 build/diver inspect $own
like "$out" '^solo5 +offered +hvt ABI 2 with entry 0x[0-9a-f]+, 2 devices' \
	'inspect knows it'
like "$out" '^boots by +Solo5 hvt' '... and that it boots so'

# --- hostile ------------------------------------------------------------------

# crashes CASE WHY
crashes() {
	run 30 build/dive --quiet --timeout 20 $hostile "$1"
	is "$status" 134 "hostile-solo5 $1 is a crash"
	like "$err" "^dive: kernel crashed: $2" "... of this kind"
}

for c in a b c d e; do
	crashes $c 'a hypercall that cannot be served: hypercall puts with 0x'
done
for c in f g; do
	crashes $c 'a hypercall that cannot be served: no such hypercall with 0x'
done
crashes h 'a hypercall that cannot be served: hypercall halt with 0x'
crashes j 'halted with interrupts off'
for c in k l; do crashes $c 'triple fault'; done
for c in m n; do
	run 30 build/dive --timeout 20 $hostile $c
	is "$out" 'still here' "hostile-solo5 $c does no harm"
	is "$status" 255 '... and ends with -1'
done
run 30 build/dive --timeout 20 --mem 4M $hostile o
is "$(wc -c <"$tap_dir/out")" $((4194304 + 11)) 'all memory at once is printed'
run 10 build/dive --timeout 1 $hostile i
is "$status" 124 'a time limit wakes a kernel that sleeps for ever'
build/dive --timeout 20 $hostile i 2>/dev/null &
pid=$!
sleep 0.5
kill -TERM $pid
code=0
{ wait $pid || code=$?; } 2>/dev/null
is "$code" 143 'and so does a signal'
build/dive --timeout 20 --mem 4M $hostile o 2>/dev/null | head -c 1 >/dev/null
pass 'a reader that leaves ends it'
done_testing
