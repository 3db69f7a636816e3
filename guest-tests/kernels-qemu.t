#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same files without Diver: QEMU by multiboot1 and PVH, GRUB by multiboot1
# and multiboot2, dive as a PC. What they print is what they print under dive.
. guest-tests/tap.sh
command -v qemu-system-x86_64 >/dev/null || skip_all 'no qemu-system-x86_64'

k=build/kernels

# machine OPTION...: statuses come back as 2 n + 1.
machine() {
	run 30 qemu-system-x86_64 -accel tcg -m 64 -display none -serial stdio \
		-monitor none -no-reboot -nodefaults \
		-device isa-debug-exit,iobase=0xf4,iosize=4 "$@"
	out=$(tr -d '\000\r' <"$tap_dir/out")
}

# pvh FILE: a copy without a multiboot1 header; only then QEMU looks for PVH.
pvh() { LC_ALL=C sed 's/\x02\xb0\xad\x1b/\x00\x00\x00\x00/g' "$1"; }

# iso COMMAND FILE ARGS: a disc whose GRUB runs "COMMAND FILE ARGS".
iso() {
	rm -rf "$tap_dir/iso" && mkdir -p "$tap_dir/iso/boot/grub"
	cp "$2" "$tap_dir/iso/kernel.elf"
	printf '%s /kernel.elf %s\nboot\n' "$1" "$3" \
		>"$tap_dir/iso/boot/grub/grub.cfg"
	grub-mkrescue -d /usr/lib/grub/i386-pc --fonts= --locales= --themes= \
		--install-modules="$1 normal" -o "$tap_dir/grub.iso" \
		"$tap_dir/iso" >"$tap_dir/log" 2>&1 || diag "$(cat "$tap_dir/log")"
}

# by WAY FILE ARGS
by() {
	case $1 in
	dive-*)
		run 30 build/dive --mem 64M --quiet --boot "${1#dive-}" "$2" \
			-- "$3"
		# As QEMU counts, and the console is standard output there.
		status=$((status * 2 + 1)) out=$out$err
		;;
	qemu-multiboot1) machine -kernel "$2" -append "$3" ;;
	qemu-pvh)
		pvh "$2" >"$tap_dir/pvh"
		machine -kernel "$tap_dir/pvh" -append "$3"
		;;
	grub-*)
		iso "${1#grub-}" "$2" "$3"
		machine -cdrom "$tap_dir/grub.iso"
		# GRUB clears the screen, on the serial line too.
		out=$(printf '%s\n' "$out" | sed 's/\x1b\[[0-9;]*[A-Za-z]//g')
		;;
	esac
}

ways='qemu-multiboot1 qemu-pvh'
if command -v grub-mkrescue >/dev/null && command -v xorriso >/dev/null &&
	[ -e /usr/lib/grub/i386-pc/multiboot2.mod ]; then
	ways="$ways grub-multiboot grub-multiboot2"
else
	skip 'GRUB' 'no grub-mkrescue, xorriso or grub-pc-bin'
fi

kvm=$(kvm_trouble)
[ -n "$kvm" ] || ways="$ways dive-pvh dive-multiboot2 dive-multiboot1"
while IFS='|' read -r name args want_status want <&3; do
	want=$(printf '%b' "$want")
	if [ -z "$kvm" ]; then
		# shellcheck disable=SC2086 # words are meant
		run 30 build/dive --quiet $k/"$name".elf -- $args
		is "$status $out" "$want_status $want" "$name under dive"
	fi
	for way in $ways; do
		by "$way" $k/"$name".elf "$args"
		is "$status" $((want_status * 2 + 1)) "$name by $way: status"
		is "$out" "$want" "$name by $way: same output"
	done
done 3<<-END
	hello||0|hello
	args|one two|2|1: one\n2: two
	exit|7|7|
END

for way in $ways; do
	by "$way" $k/memmap.elf ''
	like "$out" '^[0-9]+ of 6[0-9] MiB are free' "memmap by $way"
	by "$way" $k/timer.elf ''
	like "$out" '^10 ticks' "timer by $way"
done

case $ways in
*multiboot2*)
	by grub-multiboot2 $k/own-mb2.elf 'x y'
	is "$status $out" '15 own kernel, arguments: x y
1229 primes' 'own-mb2 by grub-multiboot2'
	;;
esac

# Standard input is the serial line; a byte that comes before the kernel runs
# may be lost, hence the blank lines.
printf '\n\nhello, world\n\004' >"$tap_dir/in"
machine -kernel $k/upper.elf <"$tap_dir/in"
like "$out" '^HELLO, WORLD$' 'upper reads the serial line up to ^D'
done_testing
