#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a command in the test bed: a whole x86 machine with hardware-like KVM,
# in QEMU's TCG. Needs no root and no /dev/kvm. README.md says how it works.

usage() {
	cat <<EOF
usage: guest-tests/testbed/run.sh [option...] command [argument...]

Boots the test bed and runs the command in it as root, in a copy of build/ and
guest-tests/, with /dev/kvm. Its output and its status come back.

  --cpus N          processors (1)
  --mem SIZE        memory (2G)
  --kernel SERIES   Debian's 6.1 or 6.12 (6.1)
  --append 'ARGS'   more kernel command line
  --tcg HOW         single or multi: one host thread, or one per processor
                    (single for one processor, multi for more)
  --timeout S       give up S seconds after the command began (600)
  --share DIR       DIR is /share in the bed, read and write
  --keep-out DIR    DIR is /out in the bed, for what the command leaves
  --keep-log FILE   the kernel's console

Status: the command's own; 125 when the bed failed, with the reason on stderr.
EOF
}

set -eu
export LC_ALL=C
umask 022
here=$(cd "$(dirname "$0")" && pwd)

say() { echo "testbed: $*" >&2; }
die() { say "$*"; exit 125; }
folder() { (mkdir -p "$1" && cd "$1" && pwd) || die "no folder $1"; }

cpus=1 mem=2G append='' kernel=6.1 tcg='' timeout=600
share='' out='' log=''
boot_limit=90
still_limit=40
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage; exit ;;
	--cpus | --mem | --kernel | --append | --tcg | --timeout | --share | \
		--keep-out | --keep-log)
		[ $# -gt 1 ] || die "$1 needs a value; --help lists the options" ;;
	--) shift; break ;;
	-*) die "no option $1; --help lists them" ;;
	*) break ;;
	esac
	case $1 in
	--cpus) cpus=$2 ;;
	--mem) mem=$2 ;;
	--kernel) kernel=$2 ;;
	--append) append=$2 ;;
	--tcg) tcg=$2 ;;
	--timeout) timeout=$2 ;;
	--share) share=$(folder "$2") ;;
	--keep-out) out=$(folder "$2") ;;
	--keep-log) log=$(folder "$(dirname "$2")")/$(basename "$2") ;;
	esac
	shift 2
done
[ $# -gt 0 ] || { usage >&2; exit 125; }
case $kernel in 6.1 | 6.12) ;; *) die "--kernel is 6.1 or 6.12, not $kernel" ;; esac
case $cpus:$tcg in
1:) tcg=single ;;
*:) tcg=multi ;;
*:single | *:multi) ;;
*) die "--tcg is single or multi, not $tcg" ;;
esac
for tool in qemu-system-x86_64 setpriv flock; do
	command -v $tool >/dev/null ||
		die "$tool is missing; tools/install-deps.sh bed installs what the bed needs"
done

cd "$here/../.."
build=${O:-build}
cache=${DIVE_TESTBED:-build/testbed}
bed=$(guest-tests/testbed/prepare.sh "$kernel") ||
	die "cannot prepare the bed's kernel"

run=$cache/run.$$
qemu=0
# shellcheck disable=SC2317 # trap calls it
clean() {
	[ "$qemu" = 0 ] || kill -KILL "$qemu" 2>/dev/null || :
	[ -z "$log" ] || cp "$run/console" "$log" 2>/dev/null || :
	rm -rf "$run"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
for old in "$cache"/run.*; do
	kill -0 "${old##*.}" 2>/dev/null || rm -rf "$old"
done
mkdir -p "$run/root/run" "$run/root/diver"

# --- the archive of this run, unpacked over the base ------------------------

quote() { printf "'"; printf '%s' "$1" | sed "s/'/'\\\\''/g"; printf "' "; }
{
	echo "export O=$(quote "$build") DIVE_NO_SKIP=$(quote "${DIVE_NO_SKIP:-0}")"
	printf 'exec '
	for arg; do quote "$arg"; done
	echo
} >"$run/root/run/cmd"
{
	echo 'kernel /kernel cache=loose'
	[ -z "$out" ] || echo 'out /out cache=none'
	[ -z "$share" ] || echo 'share /share cache=loose'
	[ ! -d "$build/ros" ] || echo "ros /diver/$build/ros cache=loose"
} >"$run/root/run/mounts"
cp guest-tests/testbed/init "$run/root/init"
[ ! -d "$build/ros" ] || mkdir -p "$run/root/diver/$build/ros"

# What is run, not what it was made from.
{
	find guest-tests -type f
	[ ! -d "$build" ] || find "$build" -maxdepth 1 -type f ! -name '*.a'
	[ ! -d "$build/kernels" ] || find "$build/kernels" -type f
	[ ! -d "$build/programs" ] || find "$build/programs" -type f
	[ ! -d "$build/bench" ] || find "$build/bench" -type f -perm /111
} | xargs -r -d '\n' cp -p --parents -t "$run/root/diver" ||
	die "cannot copy the build; is it being built right now?"

# Daemons that dive starts, if they are here.
for daemon in /usr/lib/qemu/virtiofsd /usr/libexec/virtiofsd; do
	[ ! -x $daemon ] || install -D -t "$run/root${daemon%/*}" $daemon
done
! strace=$(command -v strace) || install -D -t "$run/root/bin" "$strace"
! passt=$(command -v passt) || install -D -t "$run/root/bin" "$passt"

# A maker of file systems that busybox has not.
[ ! -x /sbin/mke2fs ] || install -D /sbin/mke2fs "$run/root/usr/lib/mke2fs"

# Shared libraries of what is not static.
find "$run/root/diver/$build" "$run/root/usr" "$run/root/bin" -type f -perm /111 ! -name '*.elf' \
	-exec ldd {} + 2>/dev/null |
	sed -n 's|^\t\(.* => \)\{0,1\}\(/[^ ]*\) (.*|\2|p' | sort -u |\
	xargs -r cp -Lp --parents -t "$run/root" 2>/dev/null || :
chmod -R go+rX "$run/root" # cp could not; not everybody in the bed is root

(cd "$run/root" && find . | "$bed/busybox" cpio -o -H newc) \
	2>/dev/null >"$run/cpio" || die "cannot pack the build (disk full?)"
cat "$bed/base.cpio" "$run/cpio" >"$run/initrd"
rm -r "$run/root" "$run/cpio"

# --- the machine ------------------------------------------------------------

# no_timer_check: the emulated timer may be late when the host is busy.
# tsc=reliable: the processors share one clock, and a check of that by an
# emulator with several threads may fail. The tests of Linux's own ciphers and
# its watchdog only cost time.
cmdline="console=ttyS0 quiet panic=-1 oops=panic mitigations=off \
no_timer_check tsc=reliable cryptomgr.notests nowatchdog $append"

# start: runs QEMU in the background, and what prints its output.
start() {
	for f in out err ctl console qemu; do : >"$run/$f"; done
	set -- -virtfs \
		"local,path=$(comma "$bed"),mount_tag=kernel,security_model=none,readonly=on"
	[ -z "$out" ] || set -- "$@" \
		-virtfs "local,path=$(comma "$out"),mount_tag=out,security_model=none"
	[ -z "$share" ] || set -- "$@" \
		-virtfs "local,path=$(comma "$share"),mount_tag=share,security_model=none"
	[ ! -d "$build/ros" ] || set -- "$@" \
		-virtfs "local,path=$(comma "$build/ros"),mount_tag=ros,security_model=none,readonly=on"
	# erms says that REP STOSB is fast. Emulated it is 8 times slower than
	# REP STOSQ, and Linux clears every page with one of them.
	# ioeventfd=off: what the command wrote is in the file when its write
	# returns, so nothing is lost when the machine stops.
	setpriv --pdeathsig KILL qemu-system-x86_64 \
		-nodefaults -no-user-config -no-reboot -display none \
		-M q35 -cpu max,-erms -smp "$cpus" -m "$mem" -accel "tcg,thread=$tcg" \
		-kernel "$bed/vmlinux" -initrd "$run/initrd" -append "$cmdline" \
		-serial "file:$run/console" \
		-device virtio-serial-pci,ioeventfd=off \
		-chardev "file,id=out,path=$run/out" \
		-device virtserialport,chardev=out,nr=1 \
		-chardev "file,id=err,path=$run/err" \
		-device virtserialport,chardev=err,nr=2 \
		-chardev "file,id=ctl,path=$run/ctl" \
		-device virtserialport,chardev=ctl,nr=3 "$@" \
		</dev/null >"$run/qemu" 2>&1 &
	qemu=$!
	tail -c +1 -f -s 0.1 --pid=$qemu "$run/out" &
	tail_out=$!
	tail -c +1 -f -s 0.1 --pid=$qemu "$run/err" >&2 &
	tail_err=$!
}

comma() { printf '%s' "$1" | sed 's/,/,,/g'; }

# word NAME: the rest of the line that the bed sent us as NAME, if it did.
word() { sed -n "s/^$1 //p" "$run/ctl"; }

# clock: sets now, a time in seconds.
clock() { read -r now _ </proc/uptime; now=${now%.*}; }

# ticks: sets spent, QEMU's processor time. Also an idle Linux needs some.
ticks() {
	stat=
	read -r stat 2>/dev/null <"/proc/$qemu/stat" || :
	# shellcheck disable=SC2086 # words: 12 and 13 behind the name
	set -- ${stat##*) } 0 0 0 0 0 0 0 0 0 0 0 0 0
	spent=$((${12} + ${13}))
}

# watch: waits for the end of the machine and sets why: ended, or boot, late or
# still when it had to be stopped, else gone. $died is QEMU's status then.
watch() {
	began='' why=gone before=''
	clock
	powered=$now
	while kill -0 $qemu 2>/dev/null; do
		if [ -n "$(word status)" ]; then
			why=ended
		elif [ -z "$began" ]; then
			[ $((now - powered)) -lt $boot_limit ] || why=boot
			[ -z "$(word start)" ] || began=$now
		elif [ $((now - began)) -ge "$timeout" ]; then
			why=late
		fi
		ticks
		if [ "$spent" != "$before" ]; then
			before=$spent moved=$now
		elif [ $((now - moved)) -ge $still_limit ]; then
			why=still
		fi
		case $why in
		gone) ;;
		ended) kill -TERM $qemu 2>/dev/null || :; break ;;
		*) kill -KILL $qemu 2>/dev/null || :; break ;;
		esac
		sleep 0.1
		clock
	done
	died=0
	{ wait $qemu || died=$?; } 2>/dev/null # no "Killed" of the shell's
	qemu=0
	wait $tail_out $tail_err || :
	[ -z "$(word status)" ] || why=ended
}

start
watch
again=
if [ $why = boot ]; then
	again="it did not come up in $boot_limit s"
elif [ $why = still ]; then
	again="it stood still for $still_limit s; what was printed comes again"
elif [ $why = gone ] && [ $died -ge 128 ]; then
	again="QEMU died of signal $((died - 128)); what was printed comes again"
fi
if [ -n "$again" ]; then
	say "once more, as QEMU with nested KVM is not quite reliable: $again"
	start
	watch
fi

word trouble | while read -r line; do say "$line"; done
last_lines() { tail -n 25 "$1" | tr -d '\r' | sed 's/^/testbed: | /' >&2; }
case $why in
ended)
	grep -aE 'WARNING:|BUG:|stall' "$run/console" | head -n 5 |
		sed 's/^/testbed: kernel: /' >&2
	exit "$(word status)"
	;;
boot) say "the bed did not come up in $boot_limit s; its console ends:" ;;
still) say "the bed stood still for $still_limit s; its console ends:" ;;
late) say "the command did not end in $timeout s; the console ends:" ;;
gone)
	if [ $died -ge 128 ]; then
		say "QEMU died of signal $((died - 128))"
		last_lines "$run/qemu"
	elif [ $died != 0 ]; then
		say "QEMU refused or failed:"
		last_lines "$run/qemu"
		exit 125
	elif grep -aq 'Kernel panic' "$run/console"; then
		say "the bed's kernel panicked:" \
			"$(grep -am1 -o 'Kernel panic.*' "$run/console" | tr -d '\r')"
	else
		say "the machine was switched off or reset before the command ended:"
	fi
	;;
esac
last_lines "$run/console"
exit 125
