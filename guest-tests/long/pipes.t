#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 1 GiB through kernels in a pipe: every byte arrives, memory stays constant.
# What takes a minute on hardware takes an hour where guest kernel code is
# emulated; that part then runs in the test bed.
. guest-tests/tap.sh
need_kvm

# Huge pages come and go as they like: there none, here room for some.
bed() {
	guest-tests/testbed/run.sh --timeout 1800 --share "$tap_dir" sh -c \
		'echo never >/sys/kernel/mm/transparent_hugepage/enabled
		exec sh "$@"' sh "$@"
}
slack=256
grep -q '\[always\]' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null &&
	slack=8192

# The same bytes every time: with its line 1 MiB.
perl -e 'srand 1; print pack "L*", map { int rand 2**32 } 1 .. 262140' \
	>"$tap_dir/block"
# native MIB KERNEL...: what must come out, from programs everybody has.
native() {
	perl -e 'local $/; my $block = <STDIN>;
		printf("block %09d\n%s", $_, $block) for 0 .. $ARGV[0] - 1' \
		"$1" <"$tap_dir/block" |
		case $* in
		*upper*) LC_ALL=C tr '[:lower:]' '[:upper:]' ;;
		*) cat ;;
		esac | case $* in
		*sum) sum -s ;;
		*) md5sum ;;
		esac
}

# stream MIB WHERE KERNEL...
stream() {
	mib=$1 where=$2
	shift 2
	sink=md5sum
	case $* in *sum) sink="sort" ;; esac
	begin=$(date +%s)
	if [ "$where" = bed ]; then
		bed guest-tests/long/stream.sh /share "$mib" $sink "$@"
	else
		sh guest-tests/long/stream.sh "$tap_dir" "$mib" $sink "$@"
	fi >"$tap_dir/$mib" 2>"$tap_dir/err"
	took=$(($(date +%s) - begin))
	[ ! -s "$tap_dir/err" ] || diag "$(cat "$tap_dir/err")"
	is "$(head -n 1 "$tap_dir/$mib")" "$(native "$mib" "$@")" \
		"$mib MiB through $*, $where: byte-exact after $took s"
	diag "$mib MiB through $*, $where: $took s"
}

# both WHERE KERNEL...: 16 MiB and 1 GiB, and what grew.
both() {
	stream 16 "$@"
	stream 1024 "$@"
	tail -n +2 "$tap_dir/1024" >"$tap_dir/peaks"
	is "$(wc -l <"$tap_dir/peaks")" $(($# - 1)) "$*: looked at each dive"
	while read -r kernel status peak; do
		before=$(sed -n "s/^$kernel 0 //p" "$tap_dir/16")
		is "$status" 0 "$*: $kernel returns 0"
		ok "$*: $kernel took $before KiB for 16 MiB, $peak for 1 GiB" \
			test "$peak" -le $((before + slack))
		diag "$kernel: $before KiB of memory for 16 MiB, $peak for 1 GiB"
	done <"$tap_dir/peaks"
}

# Copies by REP MOVS, which is bearable even when emulated.
both local echo

begin=$(date +%s)
sh guest-tests/long/stream.sh "$tap_dir" 2 sort upper sum >/dev/null
where=local
[ $(($(date +%s) - begin)) -le 2 ] || where=bed
both "$where" upper sum
done_testing
