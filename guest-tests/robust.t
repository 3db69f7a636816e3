#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed at any moment, fed with rubbish, run by enemies: dive ends with a
# status it has documented and leaves nothing behind.
. guest-tests/tap.sh
need_kvm

k=build/kernels
work=$tap_dir/work
mkdir "$work"
root=$PWD
export TMPDIR="$work"

# state: what a run could leave behind: files, shared memory, huge pages.
state() {
	find "$work" -mindepth 1 -printf '%P\n' 2>/dev/null
	ls /dev/shm
	grep -E '^(HugePages_Total|HugePages_Rsvd|HugePages_Free)' /proc/meminfo
}

# ours: processes of a run, by a word of their environment, also when dive
# has gone and a child of it remains. zombies have none.
ours() { grep -lzs "^DIVE_ROBUST=$$\$" /proc/[0-9]*/environ; }

# gone NAME: after a second at most.
gone() {
	tries=20
	while [ -n "$(ours)" ] && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	is "$(ours)" '' "$1: no process is left"
	is "$(state)" "$before" "$1: no file, no memory is left"
}

# dive ARGUMENTS...: in a directory of its own.
dive() {
	(cd "$work" && DIVE_ROBUST=$$ exec timeout -k 5 20 "$root/build/dive" \
		--mem 16M --timeout 5 "$@") >/dev/null 2>"$tap_dir/err"
}

before=$(state)

# SIGKILL at 30 moments, between the first system call and the kernel's end.
seed=1
killed=0
for n in 1 2 3 4 5 6 7 8 9 10; do
	for how in "$k/conform.elf" "--boot multiboot1 $k/hello.elf" \
		"--cpus 2 $k/hostile-flood.elf"; do
		seed=$(((seed * 1103515245 + 12345) % 2147483648))
		# shellcheck disable=SC2086 # words are meant
		(cd "$root" && DIVE_ROBUST=$$ exec build/dive $how) \
			>/dev/null 2>&1 </dev/zero &
		victim=$!
		sleep "0.$(printf '%03d' $((seed / 65536 % 120)))"
		kill -KILL $victim 2>/dev/null
		status=0
		wait $victim 2>/dev/null || status=$?
		[ $status = 137 ] && killed=$((killed + 1))
	done
done
ok "SIGKILL: $killed of 30 were still alive" test $killed -ge 5
gone SIGKILL

# rubbish NAME FILE: refused, crashed, too late, or an end of the kernel's own
# choice; never a failure of dive, never silent.
bad=
rubbish() {
	status=0
	dive --json "$2" || status=$?
	cause=$(sed -n 's/^{"cause":"\([a-z-]*\)".*/\1/p' "$tap_dir/err")
	case $cause:$status in
	refused:126 | timeout:124 | exit:* | poweroff:0 | reset:0) ;;
	exception:134 | triple-fault:134 | halted:134 | kvm:134 | panicked:134) ;;
	*) bad="$bad $1:$cause:$status" ;;
	esac
}

for name in hello own-mb2; do
	size=$(stat -c %s "$k/$name.elf")
	n=0
	bad=
	while [ $n -lt "$size" ]; do
		head -c $n "$k/$name.elf" >"$tap_dir/image"
		rubbish $n "$tap_dir/image"
		n=$((n + 4096))
	done
	is "$bad" '' "$name.elf cut off at every 4 KiB"

	# One to four bytes changed, mostly where headers and code are.
	bad=
	seed=7
	while [ $seed -le 36 ]; do
		perl -e 'my ($seed, $from, $to) = @ARGV;
			srand $seed;
			local $/;
			open my $in, "<:raw", $from or die;
			my $bytes = <$in>;
			for (0 .. int rand 4) {
				my $end = rand() < .5 ? 1024 : 16384;
				substr($bytes, int rand $end, 1) = chr int rand 256;
			}
			open my $out, ">:raw", $to or die;
			print $out $bytes;' $seed "$k/$name.elf" "$tap_dir/image"
		rubbish $seed "$tap_dir/image"
		seed=$((seed + 1))
	done
	is "$bad" '' "$name.elf with changed bytes"
done
gone 'bad images'

# A measurement that is ended takes its run along; a console that is flooded
# does not fill memory (what a run says is kept in a memory file).
DIVE_ROBUST=$$ build/dive --repeat 2 --mem 16M "$k/hostile-flood.elf" \
	>/dev/null 2>&1 &
victim=$!
sleep 2.5
said=$(find "/proc/$victim/fd" -lname '/memfd:*' -exec stat -Lc %s {} + |
	sort -n | tail -n 1)
ok "--repeat: a flooded console takes ${said:-?} bytes" \
	test "${said:-0}" -gt 65536 -a "${said:-0}" -le 1048576
kill -TERM $victim
wait $victim 2>/dev/null
gone '--repeat and SIGTERM'

# ... but only the console is: a disk and its daemon write as ever.
truncate -s 4M "$tap_dir/disk"
run 30 build/dive --repeat 2 --mem 16M --disk "$tap_dir/disk" "$k/blk.elf" \
	write 8000 text
is "$status" 0 '--repeat: a disk of more than 1 MiB'
is "$(dd if="$tap_dir/disk" bs=512 skip=8000 count=1 2>/dev/null |
	tr -d '\000')" text '... has what was written'
if [ -x /usr/lib/qemu/virtiofsd ] || [ -x /usr/libexec/virtiofsd ]; then
	run 30 build/dive --repeat 2 --mem 16M --share "$tap_dir" "$k/hello.elf"
	is "$status" 0 '--repeat: a shared directory'
else
	skip '--repeat: a shared directory' 'there is no virtiofsd'
fi

# What is no image at all.
printf 'hello' >"$tap_dir/image"
bad=
rubbish text "$tap_dir/image"
head -c 40000 /dev/urandom >"$tap_dir/image"
rubbish noise "$tap_dir/image"
: >"$tap_dir/image"
rubbish empty "$tap_dir/image"
rubbish directory "$tap_dir"
rubbish device /dev/zero
mkfifo "$tap_dir/fifo"
rubbish fifo "$tap_dir/fifo"
is "$bad" '' 'files that are no images'
status=0
dive "$tap_dir/missing" || status=$?
is $status 127 'a file that is missing'

# Every enemy, alone and with help.
for cpus in 1 2; do
	bad=
	for image in "$k"/hostile-*.elf; do
		status=0
		dive --timeout 2 --cpus $cpus "$root/$image" </dev/zero ||
			status=$?
		case $status${image##*/hostile} in
		0-* | 3-* | 4-* | 5-* | 124-* | 134-*) ;;
		125-solo5.elf) [ $cpus = 2 ] || bad="$bad $status" ;; # has one CPU
		*) bad="$bad ${image##*/}:$status" ;;
		esac
	done
	is "$bad" '' "hostile kernels with $cpus CPUs end as documented"
done
gone 'hostile kernels'
done_testing
