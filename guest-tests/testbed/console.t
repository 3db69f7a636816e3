# SPDX-License-Identifier: Apache-2.0
# Debian as a guest with a virtio console: bytes in and out as they are, also
# where nobody reads for a while; a port for errors.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

# talk SECONDS OPTION...: like guest, with "$tap_dir/in" as standard input.
talk() {
	talk_seconds=$1; shift
	cat >"$tap_dir/cmd"
	(cd "$tap_dir" && echo cmd | cpio -o -H newc >cmd.cpio 2>/dev/null)
	status=0
	# The reader comes late: what is in between has to wait.
	{
		timeout "$talk_seconds" build/dive --mem 384M --console virtio \
			--initrd /kernel/guest.cpio --initrd "$tap_dir/cmd.cpio" \
			"$@" <"$tap_dir/in" 2>"$tap_dir/err" || echo $? >"$tap_dir/status"
	} | { sleep 1; cat >"$tap_dir/out"; }
	[ ! -e "$tap_dir/status" ] || status=$(cat "$tap_dir/status")
	rm -f "$tap_dir/status"
}

kernel='/kernel/vmlinux console=ttyS0 quiet panic=-1 mitigations=off
no_timer_check tsc=reliable cryptomgr.notests nowatchdog'
head -c 1000003 /dev/urandom >"$tap_dir/in"
for transport in pci mmio; do
	# shellcheck disable=SC2086
	talk 150 --virtio $transport $kernel <<'E'
stty -F /dev/hvc0 raw -echo
head -c 1000003 </dev/hvc0 >/tmp/in
cat /tmp/in >/dev/hvc0
for port in /sys/class/virtio-ports/*; do
	[ "$(cat $port/name)" = dive.stderr ] &&
		echo 'an error' >/dev/${port##*/}
done
cat /tmp/in >/dev/hvc0
echo 'said by COM1'
exit 21
E
	is "$status" 21 "$transport: ends well"
	cat "$tap_dir/in" "$tap_dir/in" >"$tap_dir/want"
	ok "$transport: 1 MB of input comes back twice" \
		cmp "$tap_dir/want" "$tap_dir/out"
	like "$(tr -d '\r' <"$tap_dir/err")" '^an error$' "$transport: port for errors"
	like "$(tr -d '\r' <"$tap_dir/err")" 'said by COM1' "$transport: COM1 is on stderr"
done

done_testing
