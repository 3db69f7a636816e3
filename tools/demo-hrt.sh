#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make demo-hrt`: an unmodified program of Linux runs on Minnow, a small kernel,
# beside the Linux that does what Minnow cannot. Where KVM has no hardware speed
# in the test bed; DIVE_DEMO=direct runs it here all the same.

set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MAKEOVERRIDES MFLAGS

tools/install-deps.sh build bed || exit 1
echo "Building dive, Minnow and the Linux beside it."
mkdir -p build
if ! make -j"$(nproc)" all ros >build/demo-hrt.log 2>&1; then
	cat build/demo-hrt.log >&2
	exit 1
fi

# In the folder of the program's files. The bed has only busybox.
cat >build/demo-hrt-steps.sh <<'END'
set -u
dive=$PWD/build/dive
minnow=$PWD/build/kernels/minnow.elf
cd "$(mktemp -d)" || exit 1
head -c 300000 "$dive" >big

echo
echo "\$ dive --mode hrt --report minnow.elf -- busybox bzip2 -k big"
"$dive" --mode hrt --report "$minnow" -- busybox bzip2 -k big
status=$?
echo "exit status $status"
[ $status = 0 ] || exit $status
ls -l big big.bz2
busybox bunzip2 -c big.bz2 | cmp - big && echo "big.bz2 is what Linux makes of it"

echo
echo "\$ busybox bzip2 -c <big | dive --mode hrt minnow.elf -- busybox bunzip2 -c | sha256sum"
busybox bzip2 -c <big |
	"$dive" --mode hrt "$minnow" -- busybox bunzip2 -c | sha256sum
sha256sum <big
END

if [ "${DIVE_DEMO:-}" = direct ] || ! grep -qw hypervisor /proc/cpuinfo; then
	sh build/demo-hrt-steps.sh
else
	echo "This is a virtual machine, so in the test bed: an emulated machine"
	echo "with a KVM of its own. Its times mean little."
	guest-tests/testbed/run.sh --mem 3G --cpus 2 \
		sh build/demo-hrt-steps.sh
fi
