#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make demo`: from a fresh clone to a kernel that boots, in one command.

set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MAKEOVERRIDES MFLAGS
hello="build/dive --timing build/kernels/hello.elf"

tools/install-deps.sh build || exit 1

echo "Building dive, diver and the example kernels."
mkdir -p build
start=$(date +%s%N)
if ! make -j"$(nproc)" all >build/demo.log 2>&1; then
	cat build/demo.log >&2
	echo "The build failed; a package named above may be missing." >&2
	exit 1
fi
echo "  $(wc -l <build/demo.log) steps, $((($(date +%s%N) - start) / 1000000)) ms"

echo "Booting a kernel:"
echo "  \$ $hello"
$hello
status=$?
if [ $status = 125 ]; then # dive itself failed, and said why
	echo "So the same in the test bed: an emulated machine with a KVM of"
	echo "its own. It takes longer, and figures from it mean little."
	tools/install-deps.sh build bed || exit 1
	# shellcheck disable=SC2086 # words
	guest-tests/testbed/run.sh $hello
	status=$?
fi
echo "  exit status $status"
[ $status = 0 ] || exit $status

cat <<'END'

Next:
  echo some text | build/dive build/kernels/upper.elf   # a kernel in a pipe
  build/dive build/kernels/crash.elf                    # a fault and its report
  make check                                            # the whole test suite
END
