#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# alone/ladder.t in the test bed: programs of Debian's packages, and some of
# guest-tests/ladder, on Minnow and natively in the same Linux. Needs no root.
# Prints one TAP. ladder.sh GROUP...: only these of guest-tests/ladder/rungs, or
# advisor (what serving a call saves), figures (those of README.md).

set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
deb_cache=${DIVE_TESTBED:-build/testbed}
# shellcheck source=tools/debian/deb.sh
. tools/debian/deb.sh

groups=${*:-core python numeric numpy servers sbcl}
packages='bzip2 lua5.4 sqlite3 python3 libpython3.11-testsuite
libopenblas0-pthread libgfortran5 libgomp1 musl-dev memcached redis-server
nginx-light sbcl python3-numpy'
ladder=$deb_cache/ladder
debian=$ladder/debian
lib=usr/lib/x86_64-linux-gnu

# compile OUT COMMAND...: what cannot be compiled here is not in the bed, and
# its rung fails there.
compile() {
	out=$ladder/bin/$1; shift
	"$@" -o "$out" >&2 || deb_say "${out##*/} could not be compiled"
}

programs() {
	src=guest-tests/ladder
	musl=$debian/usr/lib/x86_64-linux-musl
	blas=$debian/$lib/openblas-pthread
	rm -rf "${ladder:?}/bin"
	mkdir -p "$ladder/bin"
	compile hello-static "${CC:-cc}" -O2 -static $src/hello.c
	compile hello-dynamic "${CC:-cc}" -O2 $src/hello.c
	compile hello-musl "${CC:-cc}" -O2 -static -no-pie -nostdinc -nostdlib \
		-isystem "$debian/usr/include/x86_64-linux-musl" $src/hello.c \
		"$musl/crt1.o" "$musl/crti.o" "$musl/libc.a" "$musl/crtn.o"
	compile barrier "${CC:-cc}" -O2 $src/barrier.c
	compile stencil "${CC:-cc}" -O2 -fopenmp $src/stencil.c
	compile solve gfortran -O2 $src/solve.f90 "$blas/liblapack.so.3" \
		"$blas/libblas.so.3" -Wl,-rpath,/$lib/openblas-pthread
}

# libraries FILE...: which of Debian's packages they need, also indirectly.
libraries() {
	LD_LIBRARY_PATH=$debian/$lib:$debian/$lib/openblas-pthread \
		ldd "$@" 2>/dev/null | sed -n 's|^.* => .*/\([^/ ]*\) (.*|\1|p' |
		sort -u
}

# group NAME PROGRAM... [/FOLDER]...: an archive with /deb, where they are.
group() {
	name=$1 root=$ladder/root/deb; shift
	rm -rf "$ladder/root"
	mkdir -p "$root/$lib" "$root/usr/bin" "$root/usr/lib64" "$root/ladder"
	(cd "$root" && mkdir proc sys dev tmp etc && ln -s usr/bin bin &&
		ln -s usr/lib lib && ln -s usr/lib64 lib64)
	ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$root/usr/lib64/"
	cp -L "$debian/$lib/ld-linux-x86-64.so.2" "$root/$lib/"
	# Servers look there for the user that they are to be.
	echo 'root:x:0:0::/:' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	cp "$busybox" "$root/usr/bin/"
	for what in cat cp tail rm mkdir find sort xargs sha256sum cmp diff \
		head sleep; do
		ln -s busybox "$root/usr/bin/$what"
	done
	for what; do
		case $what in
		/*) mkdir -p "$root${what%/*}"; cp -r "$debian$what" "$root$what" ;;
		*) cp -L "$ladder/bin/$what" "$root/usr/bin/" 2>/dev/null ||
			cp -L "$debian/usr/bin/$what" "$root/usr/bin/" 2>/dev/null ||
			cp -L "$debian/usr/sbin/$what" "$root/usr/bin/" || : ;;
		esac
	done
	# shellcheck disable=SC2046 # names without blanks
	libraries "$root"/usr/bin/* $(find "$root/usr/lib/" -name '*.so') |
		while read -r file; do
		cp -L "$debian/$lib/$file" "$root/$lib/" 2>/dev/null ||
			cp -L "$debian/$lib/openblas-pthread/$file" "$root/$lib/"
	done
	cp "$ladder/text" "$ladder/text.bz2" guest-tests/ladder/* "$root/ladder/"
	(cd "$ladder/root" && find . | "$busybox" cpio -o -H newc) \
		>"$ladder/$name.cpio" 2>/dev/null
	rm -rf "$ladder/root"
}

# Only what test_math and test_json need: all of it is 30 MB; numpy's are 5. And
# compiled, as installing it does: else each start compiles what it imports.
python() {
	python=$debian/usr/lib/python3.11
	[ ! -e "$python/__pycache__" ] || return 0
	[ ! -d "$python/dist-packages/numpy" ] || { # of no use without the rest
		cp -r "$python/dist-packages/numpy" "${python%.11}/dist-packages/"
		rm -r "$python/dist-packages/numpy"
	}
	find "${python%.11}" -name tests -prune -exec rm -r {} +
	find "$python/test" -mindepth 1 -maxdepth 1 \
		! -name '__*' ! -name regrtest.py ! -name 'lib*' ! -name support \
		! -name 'test_math*' ! -name 'test_json*' ! -name '*test*.txt' \
		! -name ieee754.txt -exec rm -r {} +
	(cd "$python" && rm -rf idlelib lib2to3 pydoc_data tkinter turtle*)
	PYTHONHOME=$debian/usr "$debian/$lib/ld-linux-x86-64.so.2" \
		--library-path "$debian/$lib" "$debian/usr/bin/python3.11" \
		-m compileall -q --invalidation-mode unchecked-hash \
		"$python" "${python%.11}" >&2
}

# archive GROUP: what its script brings into the bed.
archive() {
	case $1 in
	core) group core hello-musl hello-static hello-dynamic bzip2 lua5.4 \
		sqlite3 stencil barrier ;;
	bzip2 | bunzip2) group "$1" bzip2 ;;
	python) group python python3.11 /usr/lib/python3.11 ;;
	numeric) group numeric solve ;;
	numpy) group numpy python3.11 /usr/lib/python3.11 /usr/lib/python3 ;;
	servers) group servers python3.11 /usr/lib/python3.11 memcached nginx \
		redis-server redis-cli ;;
	sbcl) group sbcl sbcl /usr/lib/sbcl/sbcl.core ;;
	racket) # 107 MB more, so only when it is asked for
		deb_tree "$ladder/racket" racket
		debian=$ladder/racket
		group racket racket /usr/share/racket/collects /etc/racket \
		/usr/lib/racket/system.rktd \
		/usr/lib/racket/compiled/usr/share/racket/collects
		debian=$ladder/debian ;;
	mpi) # 24 MB more
		deb_tree "$ladder/mpi" libopenmpi3 openmpi-common
		deb_files='./usr/lib/*/openmpi/include/*'
		deb_get "$ladder/mpi-headers" libopenmpi-dev
		deb_files=
		debian=$ladder/mpi
		compile singleton "${CC:-cc}" -O2 guest-tests/ladder/singleton.c \
			-I"$ladder/mpi-headers/$lib/openmpi/include" \
			"$debian/$lib/libmpi.so.40" -Wl,--allow-shlib-undefined
		group mpi singleton /$lib/openmpi /usr/share/openmpi
		debian=$ladder/debian ;;
	# What is more than rungs has a script of its own in alone/.
	advisor) archive core ;;
	figures)
		archive racket
		archive servers
		cp README.md "$ladder/" ;;
	*) deb_say "no group $1"; exit 1 ;;
	esac
}

busybox=$("$here/prepare.sh" 6.1)/busybox
mkdir -p "$ladder"
exec 9>"$deb_cache/lock"
flock 9
# shellcheck disable=SC2086 # words
deb_tree "$debian" $packages
[ -e "$ladder/text" ] || (cd "$debian/usr/lib/python3.11" &&
	cat ./*.py | head -c 1000000) >"$ladder/text"
[ -e "$ladder/text.bz2" ] || bzip2 -k "$ladder/text"
python
programs
for name in $groups; do archive "$name"; done
flock -u 9

{
	# Each group for itself: a script has a limit of time, and counts once.
	# shellcheck disable=SC2016,SC2086 # expanded in the bed; words
	"$here/run.sh" --mem 3G --timeout 2700 --share "$ladder" sh -c '
		for group; do
			t=guest-tests/testbed/alone/$group.t
			[ -e $t ] || {
				t=ladder-$group.t
				cp guest-tests/testbed/alone/ladder.t $t
			}
			LADDER=$group SECONDS_EACH=2400 \
				sh guest-tests/testbed/inside.sh $t
		done' ladder $groups
	echo "#:bed status $?"
} | awk -f "$here/merge.awk"
