#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The system calls that a confined dive may make, as rows of C for filter.c,
# from comments beside the code that needs them:
#
#   /* syscall: futex, ioctl[1=KVM_RUN], mmap[2&PROT_EXEC=0] */
#
# A call, or one whose argument N (0 = the first), perhaps under a mask, has a
# value.   tools/syscalls.sh FILE...
set -eu

cat "$@" | awk '
	/(\/\*|^[ \t]*\*|[.]) syscall: / { inside = 1; sub(/.*syscall: /, "") }
	inside {
		line = $0
		if (sub(/\*\/.*/, "", line)) inside = 0
		sub(/^[ \t]*\*/, "", line)
		gsub(/[ \t,]+/, "\n", line)
		print line
	}' | grep . | sort -u | awk '
	# A condition means nothing where the whole call is allowed, too.
	{ name = $0; sub(/\[.*/, "", name) }
	name != $0 && name in whole { bad = 1
		print name ": with a condition and without" >"/dev/stderr" }
	/^[a-z0-9_]+$/ { whole[$0]; printf "ALLOW(%s)\n", $0; next }
	/^[a-z0-9_]+\[[0-5](&[A-Z0-9_|]+)?=[A-Z0-9_|]+\]$/ {
		split($0, part, /[][&=]/)
		mask = $0 ~ /&/ ? part[3] : "UINT64_MAX"
		value = $0 ~ /&/ ? part[4] : part[3]
		printf "ALLOW_IF(%s, %s, %s, %s)\n", part[1], part[2], mask, value
		next
	}
	{ print "cannot be read: syscall: " $0 >"/dev/stderr"; bad = 1 }
	END { exit bad }'
