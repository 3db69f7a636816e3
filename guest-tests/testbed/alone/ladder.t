# SPDX-License-Identifier: Apache-2.0
# The ladder of guest-tests/ladder/rungs; ladder.sh brings the programs.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

# climb GROUP: one boot of Linux and Minnow.
climb() {
	rm -rf "$tap_dir/root"
	mkdir -p "$tap_dir/root/deb/usr/bin" "$tap_dir/root/deb/ladder"
	cp build/partner "$tap_dir/root/deb/usr/bin/"
	cp guest-tests/ladder/climb.sh "$tap_dir/root/deb/ladder/"
	cat >"$tap_dir/root/cmd" <<-E
		guest-window || exit
		for dir in proc sys dev; do mount --bind /\$dir /deb/\$dir; done
		mount -t tmpfs tmp /deb/tmp
		ifconfig lo 127.0.0.1 up
		chroot /deb /usr/bin/busybox sh /ladder/climb.sh $1
		exit 3
	E
	(cd "$tap_dir/root" && find . | cpio -o -H newc >../cmd.cpio 2>/dev/null)
	# shellcheck disable=SC2154,SC2086 # of guest.sh; words
	run 800 build/dive --mode hrt --ros-mem 640M --ros-cpus 2 \
		--hrt-cpus 2 --mem 64M@4G --window 512M \
		--console both --ros "/kernel/vmlinux $guest_words" \
		--ros-initrd /kernel/guest.cpio --ros-initrd "/share/$1.cpio" \
		--ros-initrd "$tap_dir/cmd.cpio" build/kernels/minnow.elf -- ladder
	# Linux's console comes with dive's messages.
	printf '%s\n%s\n' "$out" "$err" | tr -d '\r' | sed 's/^ros: //' \
		>"$tap_dir/all"
}

# report GROUP: a test for each rung, and its line of the table.
report() {
	grep "^$1 |" guest-tests/ladder/rungs >"$tap_dir/want"
	while IFS='|' read -r _ name _; do
		name=${name# } name=${name% }
		# What was said since the rung before.
		awk -v name="$name" '
			/^rung / { n = $0; sub(/^rung [^|]*[|] /, "", n)
				if (n == name) { print said $0; exit }
				said = ""; next }
			{ said = said $0 "\n" }' "$tap_dir/all" >"$tap_dir/rung"
		line=$(grep '^rung ' "$tap_dir/rung")
		# shellcheck disable=SC2086 # words
		set -- ${line:-rung - - absent}
		refused=$(sed -n 's/^.*minnow: \(.*\) was refused .*/\1/p' \
			"$tap_dir/rung" | sort -u | tr '\n' ' ')
		like "$line" ' same ' "$name"
		[ "$4" = same ] || diag "$(cat "$tap_dir/rung")"
		diag "table: | $name | $4 | $2 | $3 | $refused|"
	done <"$tap_dir/want"
}

group=${LADDER:?}
[ -e "/share/$group.cpio" ] || skip_all 'ladder.sh brings the programs'
climb "$group"
is "$status" 3 "$group: Linux ends"
report "$group"
[ "$status" = 3 ] || diag "$(tail -n 40 "$tap_dir/all")"
done_testing
