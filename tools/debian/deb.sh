# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Debian packages without installing them, as any user: source it and set
# deb_cache to a folder of ours. Everything here speaks on stderr only.
case ${deb_cache:?} in /*) ;; *) deb_cache=$PWD/$deb_cache ;; esac

deb_say() { printf '%s\n' "${0##*/}: $*" >&2; }

# deb_apt TOOL ARGS...: apt-get or apt-cache, on the package lists of this
# machine or, when deb_refresh made some, on our own.
deb_apt() {
	deb_tool=$1; shift
	if [ -d "$deb_cache/apt/lists" ]; then
		set -- -o "Dir::State::Lists=$deb_cache/apt/lists" \
			-o "Dir::Cache=$deb_cache/apt" \
			-o APT::Sandbox::User=root "$@"
	fi
	"$deb_tool" -qq "$@"
}

# deb_refresh: fetches package lists into our cache; the machine's stay as
# they are.
deb_refresh() {
	deb_say "fetching Debian's package lists (about 10 MB)"
	mkdir -p "$deb_cache/apt/lists/partial" "$deb_cache/apt/archives/partial"
	deb_apt apt-get update >"$deb_cache/apt/log" 2>&1 && return
	deb_say "apt-get update failed:"
	tail -n 5 "$deb_cache/apt/log" >&2
	return 1
}

# deb_newest REGEX...: names of the known packages that match the first REGEX
# that any matches, newest version first.
deb_newest() {
	for deb_regex; do
		deb_names=$(deb_apt apt-cache pkgnames 2>/dev/null |
			grep -E "^($deb_regex)\$" | sort -rV)
		[ -z "$deb_names" ] || { echo "$deb_names"; return; }
	done
	return 1
}

# deb_get OUT REGEX...: unpacks the newest package whose name matches into the
# folder OUT and leaves its name and version in OUT/package. Does nothing when
# OUT is there. Files: all, or the tar patterns in $deb_files.
deb_get() {
	deb_out=$1; shift
	[ ! -e "$deb_out/package" ] || return 0
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		deb_say "apt-get and dpkg-deb are needed to fetch $1;" \
			"on another system, copy build/testbed from a Debian one"
		return 1
	fi
	deb_tmp=$deb_cache/tmp.$$
	rm -rf "$deb_tmp" "$deb_out"
	mkdir -p "$deb_tmp/root" "${deb_out%/*}"
	deb_try "$@" || { deb_refresh && deb_try "$@"; } || {
		deb_say "no package $1 could be downloaded and unpacked"
		cat "$deb_tmp/log" >&2 2>/dev/null
		rm -rf "$deb_tmp"
		return 1
	}
	mv "$deb_tmp/root" "$deb_out"
	rm -rf "$deb_tmp"
}

# A mirror may have dropped what the lists still name: the next ones get a try.
deb_try() {
	for deb_name in $(deb_newest "$@" | head -n 3); do
		deb_size=$(deb_apt apt-cache show --no-all-versions "$deb_name" |
			sed -n 's/^Size: //p' | head -n 1)
		deb_say "downloading $deb_name ($((${deb_size:-0} / 1000)) kB)"
		(
			cd "$deb_tmp" && rm -f ./*.deb &&
				deb_apt apt-get download "$deb_name" >log 2>&1 &&
				deb_unpack
		) && return
	done
	return 1
}

# deb_unpack: the one .deb in this folder to root/
deb_unpack() {
	for deb_file in ./*.deb; do
		# shellcheck disable=SC2016 # dpkg-deb's own variables
		dpkg-deb -W --showformat='${Package} ${Version}\n' \
			"$deb_file" >root/package || return
	done
	set -f
	# shellcheck disable=SC2086 # patterns, for tar
	dpkg-deb --fsys-tarfile "$deb_file" |
		tar -x -C root --no-same-owner --wildcards ${deb_files:-}
}

# deb_tree OUT PACKAGE...: unpacks packages and all that they need into the
# folder OUT, as an installed Debian has its files; their scripts are not run,
# and what this machine has installed does not count. Does nothing when OUT is
# there with the same packages.
deb_tree() {
	deb_out=$1; shift
	[ "$(cat "$deb_out/packages" 2>/dev/null)" != "$*" ] || return 0
	deb_tmp=$deb_cache/tmp.$$
	rm -rf "$deb_tmp" "$deb_out"
	mkdir -p "$deb_tmp/debs/partial" "$deb_tmp/root/usr"
	: >"$deb_tmp/none"
	deb_say "downloading $*, and what they need"
	deb_closure "$@" || { deb_refresh && deb_closure "$@"; } || {
		cat "$deb_tmp/log" >&2
		rm -rf "$deb_tmp"
		return 1
	}
	for deb_file in bin sbin lib lib64; do # /bin is /usr/bin
		mkdir -p "$deb_tmp/root/usr/$deb_file"
		ln -s "usr/$deb_file" "$deb_tmp/root/$deb_file"
	done
	for deb_file in "$deb_tmp"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb_file" |
			tar -x -C "$deb_tmp/root" --keep-directory-symlink \
			--no-same-owner --exclude './usr/share/doc' \
			--exclude './usr/share/man' --exclude './usr/share/locale'
	done
	echo "$*" >"$deb_tmp/root/packages"
	mkdir -p "${deb_out%/*}"
	mv "$deb_tmp/root" "$deb_out"
	rm -rf "$deb_tmp"
}

deb_closure() {
	deb_apt apt-get -o "Dir::State::status=$deb_tmp/none" \
		-o "Dir::Cache=$deb_tmp" -o "Dir::Cache::archives=$deb_tmp/debs" \
		-o Debug::NoLocking=1 -o APT::Sandbox::User=root \
		--no-install-recommends -y --download-only install "$@" \
		>"$deb_tmp/log" 2>&1
}
