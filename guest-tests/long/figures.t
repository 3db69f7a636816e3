#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands in README.md that make figures: Racket's six programs, memcached.
exec guest-tests/testbed/ladder.sh figures
