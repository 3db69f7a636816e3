#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The way to the first guest instruction is short: few system calls, no thread.
. guest-tests/tap.sh
need_kvm
command -v strace >/dev/null || skip_all 'strace is missing'
strace -o "$tap_dir/trace" true 2>/dev/null || skip_all 'strace may not trace'

# start NAME ARGUMENT...: from execve to the first KVM_RUN, neither is counted.
start() {
	name=$1
	shift
	run 20 strace -f -o "$tap_dir/trace" build/dive "$@"
	is "$status" 0 "$name ends well under strace"
	sed '1d; /KVM_RUN/,$d' "$tap_dir/trace" >"$tap_dir/start"
	like "$(cat "$tap_dir/trace")" 'KVM_RUN' "$name reaches KVM_RUN"
	calls=$(grep -c '^[0-9]* *[a-z0-9_]*(' "$tap_dir/start")
	ok "$name: $calls system calls before KVM_RUN, 40 at most" \
		[ "$calls" -gt 10 -a "$calls" -le 40 ]
	like "$(cat "$tap_dir/start")" ' seccomp\(.* = 0$' \
		"$name: confinement is among them"
	unlike "$(cat "$tap_dir/start")" ' (clone|clone3|fork|vfork)\(' \
		"$name: no thread or process before KVM_RUN"
}

start contract build/kernels/bench-exit.elf
start PC --boot pvh build/kernels/bench-exit.elf
start Solo5 --exit-ok 255 build/kernels/hostile-solo5.elf n

done_testing
