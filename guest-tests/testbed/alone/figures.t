# SPDX-License-Identifier: Apache-2.0
# The figures of README.md: its commands for them, as they are written there.
# shellcheck shell=sh disable=SC2016 # of sed
. guest-tests/tap.sh
. guest-tests/testbed/packages.sh

[ -e /share/README.md ] || skip_all 'ladder.sh brings the programs'
bring racket servers

mkdir -p build/mine

sed -n '/^```console hrt$/,/^```$/s/^\$ //p' /share/README.md >"$tap_dir/steps"
is "$(wc -l <"$tap_dir/steps")" 3 'README.md has three commands for figures'
while read -r step; do
	run 1500 sh -c "$step" </dev/null
	is "$status" 0 "$step"
	[ "$status" = 0 ] || diag "$err"
	[ -z "$out" ] || diag "$out"
done <"$tap_dir/steps"

# has FILE TEXT...: it is a picture, and these are in it.
has() {
	file=build/mine/$1; shift
	ok "... $file is a picture" grep -q '</svg>' "$file"
	for text; do
		like "$(cat "$file")" "[ >]$text" "... with $text"
	done
}
has shootout.svg fannkuch binary-trees n-body spectral-norm mandelbrot fasta
unlike "$(cat build/mine/shootout.svg)" DIFFERENT '... the same in both kernels'
has bzip2.svg read write
bunzip2 -c build/mine/diver.bz2 | cmp - build/diver
is $? 0 '... and bzip2 has done its work'
has memcached.svg epoll_wait read sendmsg
done_testing
