# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Modules out of the tree of a Debian kernel, so that a first process can load
# them one after the other; source it.

# modules_take TREE OUT NAME...: each module, and before it what it needs, to
# OUT/NUMBER-NAME.ko in load order. What is not in the tree is built in.
# Signature and BTF are left behind: checking them takes the emulator longer
# than loading the module.
modules_take() {
	modules_tree=$1 modules_out=$2
	shift 2
	mkdir -p "$modules_out"
	modules_number=100
	for modules_name; do modules_one "$modules_name"; done
}

# NAME: recursive, so what is used behind the recursion is an argument.
modules_one() {
	for modules_ko in "$modules_out"/???-"$1".ko; do
		[ ! -e "$modules_ko" ] || return 0
	done
	modules_file=$(find "$modules_tree" \
		-name "$(echo "$1" | tr _- '??').ko*" | head -n 1)
	[ -n "$modules_file" ] || return 0
	modules_ko=$modules_out/$1.tmp
	case $modules_file in
	*.xz) xz -dc "$modules_file" >"$modules_ko" ;;
	*) cp "$modules_file" "$modules_ko" ;;
	esac
	for modules_need in $(tr '\0' '\n' <"$modules_ko" |
		sed -n 's/^depends=//p' | tr , ' ')
	do
		modules_one "$modules_need"
	done
	modules_number=$((modules_number + 1))
	objcopy -R .BTF "$modules_out/$1.tmp" 2>/dev/null || :
	mv "$modules_out/$1.tmp" "$modules_out/$modules_number-$1.ko"
}
