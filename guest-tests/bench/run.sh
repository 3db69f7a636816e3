#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make bench: what dive costs beside the fewest KVM calls that can do the same.
# TSV on stdout; README.md in this folder says how to read it. ROUNDS=n.
set -u
cd "$(dirname "$0")/../.." || exit 1
rounds=${ROUNDS:-31}
bin=build/bench
kernels=build/kernels
dive=build/dive
exit_elf=$kernels/bench-exit.elf
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT || exit 1

class=$($bin/floor class) || { echo "$0: needs a usable /dev/kvm" >&2; exit 1; }
case $class in
nested) bells=500 bytes=1048576 ;;
*) bells=5000 bytes=67108864 ;;
esac

# --- time: name, what, against, command -------------------------------------
row() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$tmp/list"; }

time_rows() {
	row floor-main start floor-main "$bin/floor exit lean 256 3"
	row floor-first cpus floor-first "$bin/floor exit lean 256 3"
	for phase in start image vm loaded; do
		row dive-$phase $phase floor-first \
			"$dive --status-fd 3 $exit_elf"
	done
	row dive-first cpus floor-first "$dive --status-fd 3 $exit_elf"
	row floor-pc-first cpus floor-first "$bin/floor exit pc 256 3"
	row dive-pc-first cpus floor-pc-first \
		"$dive --boot pvh --status-fd 3 $exit_elf"
	row floor-exit exit floor-exit "$bin/floor"
	row dive-exit exit floor-exit "$dive $exit_elf"
	row dive-library-exit exit floor-exit "$dive $kernels/exit.elf"
	row floor-pc-exit exit floor-exit "$bin/floor exit pc"
	row dive-pc-exit exit floor-pc-exit "$dive --boot pvh $exit_elf"
	command -v qemu-system-x86_64 >/dev/null || return
	${CC:-cc} -I. -O2 -shared -fPIC -D_GNU_SOURCE -o "$tmp/first_run.so" \
		guest-tests/bench/first_run.c || return
	qemu="qemu-system-x86_64 -M microvm,accel=kvm -m 256 -nodefaults"
	qemu="$qemu -cpu host,-arch-capabilities -no-user-config -display none"
	qemu="$qemu -device isa-debug-exit,iobase=0xf4,iosize=4 -kernel $exit_elf"
	row qemu-microvm-first cpus floor-first \
		"env LD_PRELOAD=$tmp/first_run.so $qemu"
	row qemu-microvm-exit exit floor-exit "$qemu"
}

# --- memory while the guest loops, the guest's own left out ------------------
# memory NAME COMMAND...: KiB. A mapping of 64 MiB and more is guest memory.
# Pages of a file are not dirty because the file is: only copies count.
memory() {
	name=$1
	shift
	"$@" </dev/null >/dev/null 2>&1 &
	pid=$!
	sleep 1
	awk -v name="$name" '
		/^[0-9a-f]+-/ { file = $6 ~ /^\// }
		/^Size:/ { guest = $2 >= 65536 }
		/^Rss:/ && !guest { rss += $2 }
		/^Private_Dirty:/ && !guest && !file { dirty += $2 }
		/^Anonymous:/ && !guest && file { dirty += $2 }
		END {
			printf "%s-rss_KiB\t%d\n", name, rss
			printf "%s-dirty_KiB\t%d\n", name, dirty
		}' "/proc/$pid/smaps"
	kill -KILL $pid
	wait $pid 2>/dev/null
}

# --- system calls from execve to the first KVM_RUN, neither is counted ---------
syscalls() {
	name=$1
	shift
	command -v strace >/dev/null || return
	strace -f -o "$tmp/strace" "$@" </dev/null >/dev/null 2>&1
	awk -v name="$name" '/[a-z0-9_]+\(/ { n++ }
		/KVM_RUN/ { printf "%s-syscalls\t%d\n", name, n - 2; exit }' \
		"$tmp/strace"
}

# --- size of the static program, and of what we wrote of it ------------------
sizes() {
	command -v strip >/dev/null || return
	strip -o "$tmp/dive" $dive
	printf 'dive-stripped_KiB\t%d\n' $(($(wc -c <"$tmp/dive") / 1024))
	awk '
		function hex(text, n) {
			for (text = tolower(substr(text, 3)); text != "";
			     text = substr(text, 2))
				n = n * 16 + index("0123456789abcdef",
					substr(text, 1, 1)) - 1
			return n
		}
		/^Linker script and memory map/ { on = 1 }
		!on { next }
		/^ \.[a-z]/ && NF == 1 { section = $1; next }
		/^ \.[a-z]/ { section = $1; size = $3; file = $4 }
		/^ +0x/ { size = $2; file = $3 }
		file ~ /lib(dive|cli)\.a\(|cli\/dive\.o$/ &&
		section ~ /^\.(text|rodata|data)/ { total += hex(size) }
		{ file = "" }
		END { printf "dive-own-code_KiB\t%d\n", total / 1024 }' $dive.map
}

# --- all of it ----------------------------------------------------------------
time_rows
$bin/rounds "$rounds" 3 <"$tmp/list" >"$tmp/times" || exit 1
: >"$tmp/list"
row exits marks exits "$bin/floor exits lean 256 3"
row doorbells marks exits \
	"$dive --status-fd 3 $kernels/bench-io.elf -- doorbell $bells"
row output marks output \
	"$dive --status-fd 3 $kernels/bench-io.elf -- write $bytes"
$bin/rounds 11 1 <"$tmp/list" >"$tmp/io" || exit 1
{
	memory floor $bin/floor hang
	memory dive $dive $kernels/hostile-never.elf
	syscalls floor $bin/floor
	syscalls dive $dive $exit_elf
	syscalls dive-pc $dive --boot pvh $exit_elf
	sizes
} >"$tmp/numbers"

printf 'name\tmedian\tmin\tspread\tn\tratio\tagainst\tclass\n'
awk -F '\t' -v OFS='\t' -v class="$class" -v bells="$bells" \
	-v bytes="$bytes" '
	# Keeps what the tables behind need.
	function line(name, median, min, spread, n, ratio, against) {
		print name, median, min, spread, n, ratio, against, class
		value[name] = median
		times[name] = ratio
	}
	function target(name, got, limit, unit) {
		if (got == "" || got == "-")
			got_text = "not measured"
		else if (got + 0 <= limit)
			got_text = "met"
		else
			got_text = sprintf("not met, by %.3g%s", got - limit, unit)
		print "target", name, got unit, "<= " limit unit, got_text
	}
	# From the end of one row to the end of another, as a bar.
	function bar(who, what, from, to,    ms, i, text) {
		ms = value[to "_ms"] - value[from "_ms"]
		for (i = 0; i < ms / value["dive-exit_ms"] * 60; i++)
			text = text "#"
		printf "timeline\t%s\t%s\t%.3f\t%s\n", who, what, ms, text
	}
	FILENAME ~ /times$/ {
		line($1 "_ms", $2, $3, $4 ".." $5, $6, $7, $8 "_ms")
		next
	}
	FILENAME ~ /numbers$/ { line($1, $2, $2, "-", 1, "-", "-"); next }
	$1 == "exits" { scale = 1000 / 2000; unit = "floor-exit-round-trip_us" }
	$1 == "doorbells" { scale = 1000 / bells; unit = "dive-doorbell_us" }
	$1 == "output" {
		mb = bytes / 1e6
		line("dive-output_MB/s", sprintf("%.1f", mb / ($2 / 1000)),
			sprintf("%.1f", mb / ($5 / 1000)), "-", $6, "-", "-")
		next
	}
	{
		line(unit, sprintf("%.2f", $2 * scale),
			sprintf("%.2f", $3 * scale), sprintf("%.2f..%.2f",
			$4 * scale, $5 * scale), $6, "-", "-")
	}
	END {
		print ""
		print "target", "what", "got", "limit", "verdict"
		target("exec to first instruction", times["dive-first_ms"], 1.25, "x floor")
		target("exec to exit", times["dive-exit_ms"], 1.3, "x floor")
		target("RSS beyond guest memory", value["dive-rss_KiB"], 1228, " KiB")
		target("private dirty", value["dive-dirty_KiB"], 128, " KiB")
		target("stripped static binary", value["dive-stripped_KiB"], 1024, " KiB")
		target("own code in it", value["dive-own-code_KiB"], 150, " KiB")
		target("calls before KVM_RUN", value["dive-syscalls"], 40, "")
		print ""
		print "timeline", "who", "part", "ms", ""
		bar("floor", "exec to main", "", "floor-main")
		bar("floor", "KVM calls", "floor-main", "floor-first")
		bar("floor", "guest and end", "floor-first", "floor-exit")
		bar("dive", "exec to main", "", "dive-start")
		bar("dive", "read image", "dive-start", "dive-image")
		bar("dive", "KVM calls", "dive-image", "dive-vm")
		bar("dive", "load image", "dive-vm", "dive-loaded")
		bar("dive", "guest and end", "dive-first", "dive-exit")
	}' "$tmp/times" "$tmp/io" "$tmp/numbers"
