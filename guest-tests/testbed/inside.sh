#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The half of prove.sh that runs in the bed: each script between two marks.

now() { read -r up _ </proc/uptime; echo "$up"; }

for t; do
	echo "#:bed begin $t $(now)"
	status=0
	timeout -k 5 "${SECONDS_EACH:-900}" sh "$t" </dev/null || status=$?
	echo # in case the last line has no end
	echo "#:bed end $status $(now)"
done
