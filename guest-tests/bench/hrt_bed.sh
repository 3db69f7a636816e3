# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# hrt_bed.sh ROUNDS: the half of hrt.sh that runs in the bed. Prints "row unit
# where least median".
set -u
rounds=$1
tmp=$(mktemp -d) || exit 1
cp build/bench/program "$tmp/"
cd "$tmp" || exit 1
dive=$OLDPWD/build/dive
minnow=$OLDPWD/build/kernels/minnow.elf

# on WHERE OPTION... -- PROGRAM...
on() {
	where=$1; shift
	native=''
	[ "$where" = hrt ] || native=--native
	timeout 300 "$dive" --quiet --mode hrt $native \
		--ros-cpus 2 --hrt-cpus 2 --report=json:report "$minnow" "$@"
}

# now: milliseconds since the bed began
now() { sed 's/^\([0-9]*\)\.\([0-9][0-9]\).*/\1\20/' /proc/uptime; }

# number NAME: from the report
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" report; }

# ticks PID: its processor time, in hundredths of a second
ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12,13 | tr ' ' + | bc; }

# A program that has nothing to do; what dive burns meanwhile.
idle() {
	on "$1" -- ./program idle >said &
	for _ in $(seq 600); do
		! grep -q idle said 2>/dev/null || break
		sleep 0.1
	done
	sleep 1
	dive_pid=$(pidof dive | tr ' ' '\n' | sort -n | head -n 1)
	before=$(ticks "$dive_pid")
	sleep 4
	spent=$((($(ticks "$dive_pid") - before) / 4))
	wait
	echo "idle percent $1 $spent $spent"
}

head -c 300000 "$dive" >data
for _ in $(seq "$rounds"); do
	for where in hrt native; do
		on $where -- ./program call line touch stream walk |
			awk -v where=$where '{ print $1, $4, where, $2, $3 }'
		cp data input
		start=$(now)
		on $where -- busybox bzip2 -f input || exit 1
		wall=$(($(now) - start))
		run=$(($(number run_ns) / 1000000))
		echo "bzip2 ms $where $run $run"
		echo "bzip2-with-start ms $where $wall $wall"
		idle "$where"
	done
done
