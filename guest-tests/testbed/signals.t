# SPDX-License-Identifier: Apache-2.0
# Signals of programs on Minnow: their own, of faults, from Linux; and
# what switches of threads and handlers do to vector registers.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/program.sh

split 280 --window 128M --hrt-cpus 2 <<E
$both
both handlers
both faults
both vectors
timeout 60 partner vectors
both die raise 10
both die thread 15
both die raise 34
both die write 0
both die abort 0
both die main 0
both die exit 5
both storm
both storm

mkfifo /tmp/never
exec 9<>/tmp/never
# send COMMAND...: a program that is sent SIGTERM when it is ready.
send() {
	rm -f /tmp/out
	"\$@" </tmp/never >/tmp/out & pid=\$!
	while ! grep -q ready /tmp/out; do sleep 0.1; done
	sleep 0.3
	kill -TERM \$pid
	wait \$pid
	echo "sent: \$* \$?: \$(echo \$(cat /tmp/out))"
}
for how in spin sleep read die; do
	send outside \$how
	send partner outside \$how
done
E
diag "$out"
for command in handlers faults vectors 'die raise 10' 'die thread 15' \
	'die raise 34' 'die write 0' 'die abort 0' 'die main 0' 'die exit 5'; do
	like "$out" "^same: $command\$" "$command"
done
like "$out" '^ok registers of threads that take turns' 'AVX is there'
is "$(printf '%s\n' "$out" | grep -c '^not ok')" 0 '... all good'
is "$(printf '%s\n' "$out" | grep -c '^same: storm$')" 2 'many signals'
like "$out" '^sent: outside read 4: ready read -1 signal 15' \
	'Linux interrupts a read'
for how in spin sleep read die; do
	is "$(printf '%s\n' "$out" |
		sed -n "s/^sent: partner outside $how //p")" \
		"$(printf '%s\n' "$out" | sed -n "s/^sent: outside $how //p")" \
		"SIGTERM from outside: $how"
done
done_testing
