#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The mechanical rules, as TAP. `make lint`, or some rules: tools/lint.sh RULE...
# A rule is a function that prints its findings; no output means it holds, and
# "SKIP why" that it could not look.

# shellcheck disable=SC2016,SC2317 # $ is of awk and perl; rules are called by name

set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT

rules="spdx sizes layers kvm-header calls globals headers abi-headers
kernel-module prototypes kernel-doc format tidy cppcheck shell spelling man"

# files PATTERN...: what is tracked or new, and still there. The clone may
# belong to somebody else.
files() {
	git -c safe.directory="$PWD" ls-files -co --exclude-standard -- "$@" | sort -u |
		while read -r f; do [ -f "$f" ] && echo "$f"; done
}

# need TOOL...: what the rule cannot do without.
need() {
	local tool
	for tool; do
		type -P "$tool" >/dev/null || { echo "SKIP no $tool here"; return 1; }
	done
}

make_var() { make -s "print-$1"; }

# --- plain text -------------------------------------------------------------

spdx() {
	files '*.[chS]' '*.lds' '*.sh' '*.t' '*.[1-8]' Makefile .ci/run | xargs awk '
	FNR == 1 {
		want = "Apache-2.0"
		if (FILENAME ~ /^(contract|guest-tests.kernels|guest-tests.programs)\//) want = "ISC"
		# A script has its interpreter in the first line.
		if (/^#!/) next
	}
	FNR <= 2 && !(FILENAME in seen) {
		seen[FILENAME] = 1
		if (index($0, "SPDX-License-Identifier: " want) == 0)
			print FILENAME ": the first line does not say " \
				"SPDX-License-Identifier: " want
	}'
}

sizes() { # functions: see tidy
	files '*.[chS]' '*.sh' '*.t' | xargs wc -l |
		awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines, at most 400" }'
	awk 'END { if (NR > 275) print "Makefile: " NR " lines, at most 275" }' Makefile
}

# FOLDER: folders it may include from. Tests may include what their folder may.
layers() {
	files '*.[chS]' | xargs grep -Hn '^ *# *include *[<"]' | awk -F: '
	BEGIN {
		may["base"] = "base"
		may["contract"] = "contract"
		may["loader"] = "loader base contract"
		may["vmm"] = "vmm loader base contract"
		may["hrt"] = "hrt vmm loader base contract"
		may["hrt/kernel"] = "hrt contract"
		may["pisces"] = "pisces loader base contract"
		may["pkg"] = "pkg base"
		may["cli"] = "cli pkg hrt pisces vmm loader base contract"
		may["guest-tests"] = "guest-tests contract"
		may["tools"] = "vmm" # the filter of confine()
		may["guest-tests/bench"] = "guest-tests vmm base contract"
	}
	{
		split($1, dir, "/")
		from = dir[1]
		if (from "/" dir[2] in may) from = from "/" dir[2]
		name = $3; sub(/^[^<"]*[<"]/, "", name); sub(/[>"].*/, "", name)
		# Beside the file, or the contract by its guest name.
		if (name !~ /\//) next
		split(name, to, "/")
		if (!(to[1] in may)) next
		if (index(" " may[from] " ", " " to[1] " ") == 0)
			print $1 ":" $2 ": " from " may not include " name
	}'
}

# A device knows a bus, guest memory and an interrupt line, never KVM.
kvm-header() {
	files base loader contract hrt pisces pkg cli guest-tests/kernels | grep '\.[chS]$' |
		xargs -r grep -Hn '# *include *<linux/kvm' /dev/null |
		sed 's/$/: only vmm knows KVM/'
	for f in $(files vmm/dev vmm/virtio | grep '\.[ch]$'); do
		gcc -I. -D_GNU_SOURCE -M "$f" | grep -q linux/kvm &&
			echo "$f: reaches <linux/kvm.h>"
	done
}

# --- objects ----------------------------------------------------------------

# Only cli/ prints, exits or runs programs; nobody copies without a limit.
calls() {
	make -s -j"$jobs" build/libdive.a build/libpkg.a >&2 || echo "no library"
	nm -A -u build/libdive.a build/libpkg.a | sed 's/^build.lib[a-z]*.a://' |
	grep -E ' U (__)?(v?printf|puts|putchar|perror|exit|abort|strcpy|strcat|v?sprintf|gets|system|popen|v?errx?|v?warnx?)(_chk)?$' |
		sed 's/: *U /: calls /'
}

globals() {
	make -s -j"$jobs" build/libdive.a build/libpkg.a >&2 || echo "no library"
	nm -A build/libdive.a build/libpkg.a | sed 's/^build.lib[a-z]*.a://' |
		awk '$2 ~ /^[bBcCdDgGsS]$/ { print $1 " writable at file scope: " $3 }
		     $3 ~ /^[bBcCdDgGsS]$/ { print $1 " writable at file scope: " $4 }'
}

# --- headers ----------------------------------------------------------------

# try FILE COMMAND...: the header alone, read from stdin.
try() {
	local header=$1
	shift
	printf '#include "%s"\n' "$header" | "$@" -c -o /dev/null - ||
		echo "$header: does not stand alone with: $*"
}

headers() {
	local flags
	need clang || return
	flags="$(make_var CPPFLAGS) -std=gnu11 $(make_var WARN)"
	for h in $(files base loader vmm hrt pisces pkg cli contract/lib contract/stub |
		grep '\.h$' | grep -v -e '^hrt/kernel/' -e '^hrt/test/space_rig'); do
		# shellcheck disable=SC2086
		for cc in gcc clang; do try "$h" $cc $flags -x c; done
	done
	for h in $(files contract/guest guest-tests hrt/kernel | grep '\.h$'); do
		# shellcheck disable=SC2046
		try "$h" gcc $(make_var GUEST_CPPFLAGS) $(make_var GUEST_CFLAGS) -x c
	done
}

# The ABI is read by every compiler, both word sizes, C++ and the assembler.
abi-headers() {
	local warn='-Wall -Wextra -Wundef -Werror -I.'
	need clang g++ || return
	for h in $(files contract/dive | grep '\.h$'); do
		# shellcheck disable=SC2086
		for how in 'gcc -x c' 'clang -x c' 'gcc -m64 -ffreestanding -x c' \
			'gcc -m32 -ffreestanding -x c' 'clang -m32 -ffreestanding -x c' \
			'g++ -x c++' 'gcc -x assembler-with-cpp' \
			'clang -x assembler-with-cpp'; do
			try "$h" ${how%% *} $warn ${how#* }
		done
	done
	files contract/dive | grep '\.h$' | xargs -r grep -nPH \
		'^\s+(const )?(bool|enum|long|unsigned|int|short|size_t|[\w ]+\*)\b[^;]*;' |
		sed 's/$/ -- only fixed-width integers in the ABI/'
}

# The same headers inside a Linux module.
kernel-module() {
	local kdir
	kdir=$(find /lib/modules -maxdepth 2 -name build | sort -V | tail -n 1)
	[ -e "$kdir/Makefile" ] || { echo "SKIP no kernel headers here"; return; }
	{
		echo '#include <linux/module.h>'
		files contract/dive | sed -n 's,^contract/\(.*\.h\)$,#include <\1>,p'
		echo 'MODULE_LICENSE("GPL");'
	} >"$tmp/headers.c"
	echo "obj-m := headers.o" >"$tmp/Kbuild"
	echo "ccflags-y := -I$PWD/contract" >>"$tmp/Kbuild"
	make -s -C "$kdir" M="$tmp" modules 2>&1 |
		grep -v -e 'Skipping BTF' -e 'compiler differs' -e 'kernel was built' \
			-e 'You are using' -e "warning: the compiler"
	[ -f "$tmp/headers.ko" ] || echo "the module was not built"
}

# Every function in a header says what its prototype does not, but for those of
# the C library.
prototypes() {
	files '*.h' | grep -Ev '/test/|^guest-tests/' | xargs -r perl -0777 -ne '
		my %doc = map { $_ => 1 } m{/\*\*\s*\*?\s*(\w+)\(\) - }g;
		s{/\*.*?\*/}{}gs; s{//.*}{}g; s/^\s*#(?:.*\\\n)*.*$//mg;
		s/DIVE_STATIC_ASSERT\(.*?\);//gs;
		s/__attribute__\s*\(\(.*?\)\)//gs;
		while (/^[a-z][\w\s*]*?\b(\w+)\s*\([^;{}]*\)\s*\w*\s*[;{]/mg) {
			print "$ARGV: $1() has no kernel-doc comment\n"
				if !$doc{$1} && $1 !~ /^(mem|str)[a-z]+$/;
		}'
}

kernel-doc() {
	local tool
	tool=$(find /usr/lib/linux-kbuild-* /usr/src -name kernel-doc 2>/dev/null |
		sort -V | tail -n 1)
	[ -n "$tool" ] || { echo "SKIP no kernel-doc here"; return; }
	files '*.h' | xargs -r grep -Hn '^/\*\* .' |
		sed 's/$/ -- kernel-doc only sees a comment that starts below/'
	files '*.h' | grep -v /test/ | xargs -r "$tool" -none 2>&1 |
		grep -v "member 'reserved"
}

# --- tools ------------------------------------------------------------------

format() {
	need clang-format || return
	files '*.[ch]' | xargs -r clang-format --dry-run -Werror 2>&1
}

# One file at a time: with several, clang-tidy 14 forgets what va_start is.
tidy() {
	need clang-tidy || return
	make -s compile_commands.json
	files '*.c' | grep -Ff <(sed -n 's/.*"file":"\([^"]*\)".*/\1/p' compile_commands.json) |
		xargs -r -n 1 -P "$jobs" clang-tidy -quiet 2>/dev/null
}

cppcheck() {
	need cppcheck || return
	make -s compile_commands.json
	mkdir -p build/cppcheck
	command cppcheck -q -j"$jobs" --project=compile_commands.json \
		--enable=warning,performance,portability --inline-suppr \
		--cppcheck-build-dir=build/cppcheck \
		--suppress=missingIncludeSystem 2>&1
}

shell() {
	local f bash=() sh=()
	need shellcheck || return
	for f in $(files '*.sh' '*.t' .ci/run contract/guest/dive-cc); do
		case $(head -n 1 "$f") in
		*bash*) bash+=("$f") ;;
		*perl*) perl -wc "$f" 2>&1 | grep -v 'syntax OK' ;;
		*) sh+=("$f") ;;
		esac
	done
	shellcheck -x "${bash[@]}"
	shellcheck -x -s dash -e SC3043 "${sh[@]}"
}

spelling() {
	need codespell || return
	files '*.[chS]' '*.md' '*.sh' '*.t' '*.[1-8]' Makefile |
		xargs codespell -q 3 -L ist,nd,fpr,passt 2>&1
}

man() {
	need mandoc || return
	files '*.[1-8]' | xargs -r mandoc -T lint -W warning 2>&1
}

# --- run --------------------------------------------------------------------

[ -n "$(files Makefile)" ] || { echo "Bail out! git does not list the files"; exit 1; }
[ $# = 0 ] || rules=$*
n=0 status=0
for rule in $rules; do
	n=$((n + 1))
	start=$EPOCHREALTIME
	found=$($rule 2>"$tmp/stderr") || true
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	case $found in
	'') echo "ok $n - lint $rule ($took ms)" ;;
	SKIP*) echo "ok $n - lint $rule # $found" ;;
	*)
		status=1
		echo "not ok $n - lint $rule ($took ms)"
		{ echo "$found"; cat "$tmp/stderr"; } | head -n 200 | sed 's/^/# /'
		;;
	esac
done
echo "1..$n"
exit $status
