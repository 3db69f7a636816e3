#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Boots a bed that can give CPUs and memory away, and tests mode pisces in it.
# Prints TAP. Options of run.sh may follow.
cd "$(dirname "$0")/../.." || exit 1
# The first is for the partitions; the second so that a process may reach the
# local APIC.
exec guest-tests/testbed/prove.sh --cpus 3 \
	--append "memmap=256M\$0x50000000 iomem=relaxed" "$@" \
	guest-tests/testbed/alone/pisces.t
