# SPDX-License-Identifier: Apache-2.0
# Debian as a guest with a virtio console: bytes in and out as they are, also
# where nobody reads for a while; a port for errors.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

# talk SECONDS OPTION...: like guest, with a console. It gets its input when it
# has said that it is ready: a terminal that is not set up yet would change it.
# shellcheck disable=SC2094 # what it says is looked at while it talks
talk() {
	talk_seconds=$1; shift
	cat >"$tap_dir/cmd"
	(cd "$tap_dir" && echo cmd | cpio -o -H newc >cmd.cpio 2>/dev/null)
	: >"$tap_dir/out"
	status=0
	{
		until grep -aq ready "$tap_dir/out" || [ -e "$tap_dir/ended" ]; do
			sleep 0.2
		done
		cat "$tap_dir/in"
	} | {
		timeout "$talk_seconds" build/dive --mem 384M --virtio-console \
			--initrd /kernel/guest.cpio --initrd "$tap_dir/cmd.cpio" \
			"$@" 2>"$tap_dir/err" || echo $? >"$tap_dir/status"
		: >"$tap_dir/ended"
	} | {
		# Slow: what is in between has to wait.
		head -c 6; sleep 5; cat
	} >"$tap_dir/out"
	[ ! -e "$tap_dir/status" ] || status=$(cat "$tap_dir/status")
	rm -f "$tap_dir/status" "$tap_dir/ended"
}

kernel='/kernel/vmlinux console=ttyS0 quiet panic=-1 mitigations=off
no_timer_check tsc=reliable cryptomgr.notests nowatchdog'
head -c 1000003 /dev/urandom >"$tap_dir/in"
for transport in pci mmio; do
	# shellcheck disable=SC2086
	talk 80 --virtio $transport $kernel <<'E'
exec 3<>/dev/hvc0
stty raw -echo <&3
echo ready >&3
head -c 1000003 <&3 >/tmp/in
cat /tmp/in >&3
for port in /sys/class/virtio-ports/*; do
	[ "$(cat $port/name)" = dive.stderr ] &&
		echo 'an error' >/dev/${port##*/}
done
cat /tmp/in >&3
echo 'said by COM1'
exit 21
E
	is "$status" 21 "$transport: ends well"
	{ echo ready; cat "$tap_dir/in" "$tap_dir/in"; } >"$tap_dir/want"
	ok "$transport: 1 MB of input comes back twice" \
		cmp "$tap_dir/want" "$tap_dir/out"
	like "$(tr -d '\r' <"$tap_dir/err")" '^an error$' "$transport: port for errors"
	like "$(tr -d '\r' <"$tap_dir/err")" 'said by COM1' "$transport: COM1 is on stderr"
done

done_testing
