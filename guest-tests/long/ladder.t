#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rungs of the ladder that take long, or much to download.
exec guest-tests/testbed/ladder.sh numpy servers sbcl bzip2 bunzip2 racket \
	mpi
