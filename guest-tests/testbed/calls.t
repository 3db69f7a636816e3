# SPDX-License-Identifier: Apache-2.0
# System calls of a program on Minnow: wrong arguments, refused calls, and the
# words that change who serves a call.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/program.sh

# calls.c, served.c: what Linux says to arguments that are wrong, or right at the
# edge.
# shellcheck disable=SC2154 # both is of program.sh
split 200 --window 64M --serve getuid=local --serve getcwd=EIO <<E
$both
both calls
both served
partner pwd; echo "pwd \$?"
partner id -u
exit 3
E
diag "$out"
is "$status" 3 'Linux ends'
like "$out" '^differs: calls: status 0 0$' \
	'wrong arguments: one call is answered in another way'
like "$out" '^[+]getcwd\(memory, 1\) = 0 EIO$' '... that which --serve refuses'
is "$(printf '%s\n' "$out" | grep -c '^[+][a-z]')" 1 '... and no other'
like "$out" '^same: served$' '... none of those that Minnow serves itself'
like "$out" '^pwd 1$' 'a program feels that a call is refused'
like "$out" '^minnow: getcwd\(\) was refused 1 time with EIO' \
	'... and the console tells'
like "$out" '^minnow: ioctl\(0x1234567\) was refused 1 time with ENOTTY' \
	'... of an ioctl that nobody knows, too'
like "$out" '^minnow: call 1000 was refused 1 time with ENOSYS' \
	'... and of a number without a name'
like "$out" '^0$' 'a call that --serve makes local is answered'

for word in 'nothing=EIO:there is no such system call' \
	'mmap=forward:it cannot be forwarded' \
	'read=local:this kernel has nothing to serve it with' \
	'read=EFOO:say local, forward, or an errno like ENOSYS'; do
	split 60 --window 64M --serve "${word%%:*}" </dev/null
	is "$status" 2 "--serve ${word%%:*} is not obeyed"
	like "$out" "minnow: serve=${word%%:*}: ${word#*:}" '... and says why'
done
done_testing
