#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing for: build, bed, check.   tools/install-deps.sh SET...
# Says first what and how large. Where it cannot install (no apt, no root) it
# prints the package names and succeeds: the build goes on with what is there.

set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

# set, what shows that it is there (c: command, a: static library, h: header,
# f: file pattern), then the package for apt (a|b = the first that exists),
# dnf, pacman and zypper.
table='
build c:make              make                  make            make       make
build c:gcc               gcc                   gcc             gcc        gcc
build c:ar                binutils              binutils        binutils   binutils
build a:libc.a            libc6-dev             glibc-static    glibc      glibc-devel-static
build a:libelf.a          libelf-dev            elfutils-libelf-devel-static libelf libelf-devel
build a:libfdt.a          libfdt-dev            libfdt-static   dtc        libfdt-devel
build a:liburing.a         liburing-dev          liburing-devel  liburing   liburing-devel
build a:libz.a            zlib1g-dev            zlib-static     zlib       zlib-devel-static
build h:cjson/cJSON.h     libcjson-dev          cjson-devel     cjson      libcjson-devel
build h:archive.h         libarchive-dev        libarchive-devel libarchive libarchive-devel
build h:sodium.h          libsodium-dev         libsodium-devel libsodium  libsodium-devel
build h:seccomp.h         libseccomp-dev        libseccomp-devel libseccomp libseccomp-devel
bed   c:qemu-system-x86_64 qemu-system-x86      qemu-system-x86-core qemu-system-x86 qemu-x86
bed   c:cpio              cpio                  cpio            cpio       cpio
bed   c:mke2fs            e2fsprogs             e2fsprogs       e2fsprogs  e2fsprogs
bed   c:xz                xz-utils              xz              xz         xz
bed   c:zstd              zstd                  zstd            zstd       zstd
check c:prove             perl                  perl-Test-Harness perl     perl
check c:g++               g++                   gcc-c++         gcc        gcc-c++
check c:gfortran          gfortran              gcc-gfortran    gcc-fortran gcc-fortran
check h:cmocka.h          libcmocka-dev         libcmocka-devel cmocka     libcmocka-devel
check c:clang             clang                 clang           clang      clang
check f:/usr/lib*/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a libclang-rt-dev|clang compiler-rt compiler-rt clang
check c:clang-format      clang-format          clang-tools-extra clang    clang-tools
check c:clang-tidy        clang-tidy            clang-tools-extra clang    clang-tools
check c:cppcheck          cppcheck              cppcheck        cppcheck   cppcheck
check c:shellcheck        shellcheck            ShellCheck      shellcheck ShellCheck
check c:codespell         codespell             codespell       codespell  codespell
check c:mandoc            mandoc                mandoc          mandoc     mandoc
check f:/lib/modules/*/build/include/generated/autoconf.h linux-headers-amd64|linux-headers-generic kernel-devel linux-headers kernel-default-devel
check c:grub-mkrescue     grub-common           grub2-tools-extra grub     grub2
check f:/usr/lib/grub/i386-pc/multiboot2.mod grub-pc-bin grub2-pc-modules grub grub2-i386-pc
check c:xorriso           xorriso               xorriso         libisoburn xorriso
check c:mformat           mtools                mtools          mtools     mtools
check c:spin              spin                  spin            spin       spin
check c:ps                procps                procps-ng       procps-ng  procps
check c:skopeo            skopeo                skopeo          skopeo     skopeo
check c:strace            strace                strace          strace     strace
check c:gdb               gdb                   gdb             gdb        gdb
check c:xmllint           libxml2-utils         libxml2         libxml2    libxml2-tools
check f:/usr/*/*/virtiofsd  virtiofsd|qemu-system-common virtiofsd virtiofsd    virtiofsd
check c:passt             passt                 passt           passt      passt
check c:ip                iproute2              iproute         iproute2   iproute2
check c:setarch           util-linux            util-linux      util-linux util-linux
'

# have PROBE. The pattern of f: is meant to be expanded.
# shellcheck disable=SC2086
have() {
	case $1 in
	c:*) command -v "${1#c:}" ;;
	a:*) ls "$(cc -print-file-name="${1#a:}")" ;;
	h:*) ls "/usr/include/${1#h:}" ;;
	f:*) ls ${1#f:} ;;
	esac >/dev/null 2>&1
}

# pick A|B: the first of these that apt knows.
pick() {
	for p in $(echo "$1" | tr '|' ' '); do
		apt-cache show "$p" >/dev/null 2>&1 && { echo "$p"; return; }
	done
	echo "${1%%|*}"
	return 1
}

# missing SETS COLUMN: package names of that column whose probe fails.
# shellcheck disable=SC2034 # columns are read by name
missing() {
	echo "$table" | while read -r set probe apt dnf pacman zypper; do
		case " $1 " in *" $set "*) ;; *) continue ;; esac
		have "$probe" || eval "echo \$$2"
	done | sort -u
}

by_hand() {
	echo "$1 Missing packages by their usual names:"
	for tool in apt dnf pacman zypper; do
		# shellcheck disable=SC2046 # one line
		echo "  $tool:" $(missing "$sets" $tool | sed 's/|.*//')
	done
	echo "Going on with what is here."
	exit 0
}

sets=${*:-build}
want=$(missing "$sets" apt)
[ -n "$want" ] || exit 0
command -v apt-get >/dev/null || by_hand "There is no apt-get here."

as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null ||
		by_hand "Not root, and there is no sudo."
	as_root="sudo env DEBIAN_FRONTEND=noninteractive"
	sudo -n true 2>/dev/null || [ -t 0 ] ||
		by_hand "Not root, and sudo would ask for a password."
fi
apt="$as_root apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"

# The package lists are fetched when a name is unknown or after a week.
stale=
for w in $want; do pick "$w" >/dev/null || stale=1; done
[ -n "$(find /var/lib/apt/lists -name '*Packages*' -mtime -7 2>/dev/null)" ] ||
	stale=1
if [ -n "$stale" ]; then
	echo "Fetching the package lists (apt-get update)."
	$apt update || echo "apt-get update failed; trying with the old lists."
fi
pkgs=$(for w in $want; do pick "$w"; done | tr '\n' ' ')

# shellcheck disable=SC2086 # words are meant, here and below
install() {
	$apt install -y --no-install-recommends $pkgs >"$log" 2>&1 && return
	tail -n 5 "$log" >&2
	return 1
}
log=$(mktemp) && trap 'rm -f "$log"' EXIT

echo "To install for $sets: $pkgs"
# shellcheck disable=SC2086
apt-get --print-uris -y --no-install-recommends install $pkgs 2>/dev/null |
	sed -n 's/^Need to get/  Download:/p; s/^After this operation,/  On disk: /p'
# A mirror forgets old versions sooner than these lists do.
install || { $apt update && install; } || by_hand "apt-get could not install them."
