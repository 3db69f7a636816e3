#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 100000 readings of a clock: with one CPU for all, the bed takes minutes.
exec guest-tests/testbed/prove.sh --cpus 2 guest-tests/testbed/alone/clocks.t
