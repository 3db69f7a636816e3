# SPDX-License-Identifier: Apache-2.0
# The seeded bugs by AMD's rules: a triple fault resets the CPU, so dive looks
# again, one instruction at a time.
# shellcheck shell=sh
. guest-tests/seeded.t
