#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# stream.sh DIR MIB SINK KERNEL...: MIB times a line with its number and
# DIR/block through these kernels in a pipe, and into SINK, whose output is
# shown. Then a line "KERNEL STATUS VmHWM" (KiB) for each dive. On the host and
# in the test bed (busybox ash).

set -u
dir=$1 mib=$2 sink=$3
shift 3
own=$(mktemp -d) || exit 1
trap 'rm -rf "$own"' EXIT
trap 'exit 1' HUP INT TERM

stream() {
	n=0
	while [ $n -lt "$mib" ]; do
		printf 'block %09d\n' $n
		cat "$dir/block"
		n=$((n + 1))
	done
	sleep 1 # or a fast machine is done before anybody looked
}

# one KERNEL...: the first as a filter; its pid, later its status go to $own.
# shellcheck disable=SC2016 # for the other shell
one() {
	dive_status=0
	sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$own/$#.$1.pid" \
		build/dive --quiet "build/kernels/$1.elf" || dive_status=$?
	echo $dive_status >"$own/$#.$1.status"
}

through() {
	if [ $# = 1 ]; then one "$@"
	else one "$@" | { shift; through "$@"; }; fi
}

# The kernel keeps the peak, so the last look before the end is enough.
watch() {
	while sleep 0.2; do
		for pid in "$own"/*.pid; do
			[ ! -e "${pid%.pid}.status" ] || continue
			read -r id <"$pid" || continue
			while read -r name value _; do
				[ "$name" = VmHWM: ] || continue
				echo "$value" >"${pid%.pid}.peak"
			done <"/proc/$id/status"
		done
	done 2>/dev/null
}

watch &
watcher=$!
stream | through "$@" | "$sink"
kill $watcher
wait $watcher 2>/dev/null
while [ $# -gt 0 ]; do
	echo "$1 $(cat "$own/$#.$1.status") $(cat "$own/$#.$1.peak")"
	shift
done
