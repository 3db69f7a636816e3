# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016,SC2034 # $ of gdb; the tests read some
# For tests that need a real gdb: source it.
# GDB=... is another gdb. GDB_POINTS=no: this KVM has no breakpoints (SVM in
# QEMU's emulator does not intercept INT3, nor load the debug registers).
. guest-tests/tap.sh
need_kvm

dive=build/dive
kernels=build/kernels
gdb=${GDB:-gdb}
points=${GDB_POINTS:-yes}
socket=$tap_dir/socket
# shellcheck disable=SC2086 # words
$gdb --version >/dev/null 2>&1 || skip_all 'there is no gdb'

# launch ARGUMENTS...: dive in the background, until gdb can come.
launch() {
	rm -f "$socket"
	timeout -k 5 60 "$dive" --gdb "unix:$socket" "$@" \
		>"$tap_dir/dive.out" 2>"$tap_dir/dive.err" &
	pid=$!
	launched=0
	until [ -S "$socket" ] || [ $launched -ge 100 ]; do
		sleep 0.1
		launched=$((launched + 1))
	done
}

# gdb_at KERNEL: gdb with the commands on stdin; "press" is Ctrl-C in one
# second. Sets out, all that gdb says.
gdb_at() {
	{
		printf '%s\n' 'set pagination off' 'set confirm off' \
			'set width 0' 'set remotetimeout 30' "target remote $socket"
		sed 's/^press$/shell (sleep 1; kill -INT $PPID) \&/'
	} >"$tap_dir/commands"
	# shellcheck disable=SC2086 # words
	timeout -s KILL 50 $gdb -nx -batch -x "$tap_dir/commands" \
		"$kernels/$1.elf" >"$tap_dir/gdb.out" 2>&1 </dev/null
	out=$(cat "$tap_dir/gdb.out")
}

# landed: waits for dive; sets status, said (its stdout) and err (its stderr).
landed() {
	status=0
	wait "$pid" || status=$?
	said=$(cat "$tap_dir/dive.out")
	err=$(cat "$tap_dir/dive.err")
}
