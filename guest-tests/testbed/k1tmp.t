# SPDX-License-Identifier: Apache-2.0
# Programs of Linux on Minnow: as they are natively in the same Linux.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

words='console=ttyS0 quiet panic=-1 mitigations=off no_timer_check'
words="$words tsc=reliable cryptomgr.notests nowatchdog"

# What is run, and the libraries of what is dynamic.
root=$tap_dir/root
mkdir -p "$root/bin"
cp build/partner build/programs/* "$root/bin/"
for file in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6 \
	/lib/x86_64-linux-gnu/libm.so.6; do
	mkdir -p "$root${file%/*}" && cp -L "$file" "$root$file"
done

cp -a /share/root/. "$root/"; rm -rf "$root/usr/lib/python3.11" "$root/usr/lib/sbcl"
# split SECONDS OPTION...: the script on stdin runs in Linux, with the partner.
split() {
	split_seconds=$1; shift
	cat >"$root/cmd"
	(cd "$root" && find . | cpio -o -H newc >"$tap_dir/cmd.cpio" 2>/dev/null)
	run "$split_seconds" build/dive --mode hrt --ros-mem 900M \
		--mem 64M@4G --cpu -xsave \
		--ros "/kernel/vmlinux $words" --ros-initrd /kernel/guest.cpio \
		--ros-initrd "$tap_dir/cmd.cpio" --ros-cpus 2 --console both \
		"$@" build/kernels/minnow.elf -- programs
	# Linux's console comes with dive's messages.
	out=$(printf '%s\n' "$out$err" | tr -d '\r' | sed 's/^ros: //')
}

# both WORD...: says whether a command does the same in both kernels.
both='
guest-window || exit
both() {
	"$@" >/tmp/native 2>/tmp/native.err </cmd; status=$?
	timeout 60 partner "$@" >/tmp/split 2>/tmp/split.err </cmd; got=$?
	if [ $status = $got ] && cmp /tmp/native /tmp/split &&
		cmp /tmp/native.err /tmp/split.err; then
		echo "same: $*"
	else
		echo "differs: $*: status $status $got"
		diff /tmp/native /tmp/split | head -n 20
		head -n 5 /tmp/split.err
	fi
}
'

split 300 --window 256M --hrt-cpus 2 --timing <<E2
$both
mkdir -p /var/tmp /tmp; 
export HOME=/tmp PATH=/bin:/usr/bin SBCL_HOME=/usr/lib/sbcl
ln -s /usr/lib/x86_64-linux-gnu/* /lib/x86_64-linux-gnu/ 2>/dev/null
cd /tmp
mkdir -p /etc; echo root:x:0:0::/:/bin/sh >/etc/passwd; ifconfig lo 127.0.0.1 up; echo lo \$?
for w in native split; do [ \$w = native ] && p= || p=partner
timeout 40 \$p memcached -u root -t 4 -l 127.0.0.1 -p 1121\${#w} -m 32 & pid=\$!; sleep 6
printf 'set a 0 0 5\r\nhello\r\nget a\r\nget b\r\nset n 0 0 1\r\n1\r\nincr n 1\r\nquit\r\n' | timeout 10 nc 127.0.0.1 1121\${#w}; kill \$pid; wait \$pid; echo memcached \$w \$?
done
for w in native split; do [ \$w = native ] && p= || p=partner
timeout 60 \$p redis-server --port 1131\${#w} --save '' --appendonly no >/tmp/redis.\$w & pid=\$!; sleep 8
for c in 'set x 1' 'incr x' 'lpush l 1 2 3' 'lrange l 0 -1' 'debug digest' 'shutdown nosave'; do timeout 10 redis-cli -p 1131\${#w} \$c; done; wait \$pid; echo redis \$w \$?; tail -n 3 /tmp/redis.\$w
done
exit 3
E2
diag "$out"
is "$status" 3 'end'
done_testing
