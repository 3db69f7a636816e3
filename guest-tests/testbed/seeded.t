# SPDX-License-Identifier: Apache-2.0
# The seeded bugs on AMD's rules: a triple fault resets the CPU, so dive looks
# shellcheck shell=sh
# again, one instruction at a time.
. guest-tests/seeded.t
