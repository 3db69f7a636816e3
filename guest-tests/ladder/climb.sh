# SPDX-License-Identifier: Apache-2.0
# Runs in Linux beside Minnow, below /deb: each rung of group $1, natively and
# with the partner, and says what was different.
# shellcheck shell=sh
export PATH=/usr/bin LC_ALL=C HOME=/tmp L=/ladder PYTHONDONTWRITEBYTECODE=1
now() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}"; }

# climb WHERE COMMAND: leaves WHERE.status, .out, .err, .files and .time
climb() {
	rm -rf /tmp/rung
	mkdir /tmp/rung
	cd /tmp/rung || exit
	begin=$(now)
	(eval "$2") >"/tmp/$1.out" 2>"/tmp/$1.err" </dev/null
	echo $? >"/tmp/$1.status"
	echo $(($(now) - begin)) >"/tmp/$1.time"
	{ find . -type f | sort |
		xargs -r sha256sum
	sha256sum <"/tmp/$1.out"; } >"/tmp/$1.files"
	cd /tmp || exit
}

while IFS='|' read -r group name command; do
	[ "$group" = "$1 " ] || continue
	name=${name# } name=${name% }
	# shellcheck disable=SC2034 # the commands use it
	P=''
	climb native "$command"
	# shellcheck disable=SC2034
	P=partner
	climb minnow "$command"
	if [ "$(cat native.status)" != 99 ] &&
		cmp -s native.status minnow.status &&
		cmp -s native.files minnow.files; then
		echo "rung $(cat native.time) $(cat minnow.time) same | $name"
		continue
	fi
	diff native.files minnow.files
	head -c 1000 minnow.err
	head -n 5 minnow.out
	echo
	echo "status $(cat native.status) and $(cat minnow.status)"
	echo "rung $(cat native.time) $(cat minnow.time) differs | $name"
done </ladder/rungs
