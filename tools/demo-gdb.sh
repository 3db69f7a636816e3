#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make demo-gdb`: one session of gdb with a kernel of two CPUs that crashes in
# the end. What gdb is told is printed before what it answers.

set -u
cd "$(dirname "$0")/.." || exit 1
command -v gdb >/dev/null || { echo "This needs gdb." >&2; exit 1; }
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
kernel=build/kernels/smp.elf

echo "\$ dive --gdb unix:SOCKET --gdb-wait --cpus 2 $kernel"
build/dive --gdb "unix:$dir/gdb" --gdb-wait --cpus 2 $kernel &
pid=$!
tries=0
until [ -S "$dir/gdb" ] || [ $tries = 50 ]; do
	sleep 0.1
	tries=$((tries + 1))
done

cat >"$dir/session" <<END
set pagination off
set trace-commands on
target remote $dir/gdb
info threads
break work
continue
backtrace
info registers rip rsp cr0 cr3
next
print total
continue
info threads
delete
continue
END
echo "\$ gdb -x SESSION $kernel"
gdb -nx -batch -x "$dir/session" $kernel 2>&1
wait $pid
echo "exit status $?"

echo
echo "A crash, afterwards:"
echo "\$ dive --quiet --core CORE build/kernels/crash.elf; gdb build/kernels/crash.elf CORE"
build/dive --quiet --core "$dir/core" build/kernels/crash.elf
gdb -nx -batch -ex 'set pagination off' -ex backtrace build/kernels/crash.elf "$dir/core"
