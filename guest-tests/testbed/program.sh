# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # of other shells and files
# Programs on Minnow, beside the same natively in the same Linux; source it behind
# tap.sh.
. guest-tests/testbed/guest.sh

# What is run, and the libraries of what is dynamic.
root=$tap_dir/root
mkdir -p "$root/bin"
cp build/partner build/programs/* "$root/bin/"
for file in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6 \
	/lib/x86_64-linux-gnu/libm.so.6; do
	mkdir -p "$root${file%/*}" && cp -L "$file" "$root$file"
done

# split SECONDS OPTION...: the script on stdin runs in Linux, with the partner.
split() {
	split_seconds=$1; shift
	cat >"$root/cmd"
	(cd "$root" && find . | cpio -o -H newc >"$tap_dir/cmd.cpio" 2>/dev/null)
	run "$split_seconds" build/dive --mode hrt --ros-mem 512M \
		--mem 64M@4G \
		--ros "/kernel/vmlinux $guest_words" --ros-initrd /kernel/guest.cpio \
		--ros-initrd "$tap_dir/cmd.cpio" --console both \
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

