# SPDX-License-Identifier: Apache-2.0
# The partner in Debian, and a kernel that forwards all it has to say.
# shellcheck shell=sh
. guest-tests/tap.sh
. guest-tests/testbed/guest.sh

split 250 --console ros --window 16M --ros-cpus 2 build/kernels/forward.elf <<'E'
guest-window
echo "device $?, $(cat /sys/bus/dax/devices/dax0.0/size) bytes"
partner /bin/echo hello world 7 >/tmp/out
echo "ends with $?: $(tr '\n' ' ' </tmp/out)"
PATH=/nowhere:/bin
partner echo again 0
echo "and again with $?"
partner nothing; echo "not there $?"
partner /init.d; echo "not there either $?"
partner /tmp/out; echo "no program $?"

used() { cut -d ' ' -f 14,15 "/proc/$1/stat" | tr ' ' +; }
partner echo signal &
sleep 1
before=$(($(used $!)))
partner echo second 0; echo "second $?"
sleep 2
echo "idle for 3 s: $(($(used $!) - before)) ticks"
kill -USR1 $!
wait $!
echo "killed $?"
sleep 1 # what is said is not yet out when another CPU ends the run
exit 3
E
is "$status" 3 'Linux ends'
like "$out" '^device 0, 14680064 bytes' '... the window is a device'
like "$out" '^ends with 7: /bin/echo hello world $' \
	'... its status, and what each of its threads writes'
like "$err" '^hrt: [1-9][0-9]* wakes' '... sleeps, and is woken by the bell'
like "$out" '^and again with 0' '... one program after the other, by PATH'
like "$out" '^not there 127' '... no such program: 127'
like "$out" '^not there either 127' '... by no path either'
like "$out" '^no program 126' '... no program: 126'
like "$out" '^second 125' '... another one meanwhile: 125'
like "$out" '^partner: the kernel runs another program' '... and why'
like "$out" '^idle for 3 s: [0-9] ticks' '... an idle one takes no time'
like "$out" '^killed 138' '... a signal ends its call, and it dies of that'
unlike "$err" '^hrt: .*: ' '... nobody complains'
diag "$(printf '%s\n' "$err" "$out" | grep -E 'wakes|idle')"

done_testing
