#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packages: from a folder into a registry, into the home of somebody else, and
# run; and what hostile or broken registries and killed programs leave behind.
# shellcheck disable=SC2154,SC2016 # run sets status, out, err; $j is perl's
. guest-tests/tap.sh
need_kvm

diver=$PWD/build/diver
dive=$PWD/build/dive
export DIVER_REGISTRY=$tap_dir/registry
unset XDG_DATA_HOME
blobs=$DIVER_REGISTRY/blobs/sha256

# home NAME: whose packages the next commands have.
home() { mkdir -p "$tap_dir/$1"; export HOME=$tap_dir/$1; store=$HOME/.local/share/diver/store; }

# folder NAME VERSION KERNEL [MEMBERS]: one that can be published.
folder() {
	mkdir -p "$tap_dir/folder/$1"
	cp "build/kernels/$3.elf" "$tap_dir/folder/$1/kernel.elf"
	printf '{"name": "%s", "version": "%s",\n "kernel": "kernel.elf"%s}\n' \
		"$1" "$2" "${4:-}" >"$tap_dir/folder/$1/diver.json"
	echo "$tap_dir/folder/$1"
}

json() {
	perl -MJSON::PP -e '
		local $/;
		my $j = JSON::PP->new->utf8->decode(<STDIN>);
		my $v = eval $ARGV[0];
		die $@ if $@;
		print ref $v ? JSON::PP->new->canonical->encode($v) : $v, "\n";
	' "$1" <"$tap_dir/out"
}

# --- published by one, run by another -----------------------------------------

home author
run 10 "$diver" ls
is "$status$out$err" 0 'a fresh home has no packages, which is no error'
run 10 "$diver" pull hello
is "$err" 'diver: there is no local registry; diver publish makes it' \
	'without a registry nothing can be pulled'
is "$status" 127 '... which is not found'
run 20 "$diver" publish "$(folder hello 1.0 hello)"
is "$status$out$err" '0hello@1.0 is in the local registry' 'a package is published'
before=$(find "$DIVER_REGISTRY" -type f -exec sha256sum {} + | sort)
run 20 "$diver" publish "$tap_dir/folder/hello"
is "$status" 0 'publishing the same again is no error'
is "$(find "$DIVER_REGISTRY" -type f -exec sha256sum {} + | sort)" "$before" \
	'... and changes no byte'
is "$(cd "$blobs" && sha256sum -- * | awk '$1 != $2')" '' \
	'every blob is called by its SHA-256'

home user
cd "$tap_dir" || exit 1
run 10 "$dive" hello
is "$err" 'dive: hello: No such file or directory' 'what is not pulled is not run'
run 10 "$dive" pkg:hello
is "$status$err" '127dive: pkg:hello is not pulled; diver pull hello' \
	'... and pkg: says how it would be'
run 20 "$diver" pull hello
is "$status$out$err" '0hello@1.0 is pulled' 'another home pulls it'
run 20 "$dive" hello
is "$status$out$err" 0hello 'dive NAME runs it'
for word in pkg:hello pkg:hello@1.0; do
	run 20 "$dive" "$word"
	is "$status$out" 0hello "dive $word, too"
done
run 20 "$dive" pkg:hello@2.0
is "$status" 127 'another version is not found'
cp "$OLDPWD/build/kernels/args.elf" hello
run 20 "$dive" hello "it's a file"
is "$out$err" "1: it's
2: a
3: file" 'a file of the same name is the file'
run 20 "$dive" pkg:hello
is "$out" hello '... and pkg: the package'
rm hello
cd "$OLDPWD" || exit 1

# --- options of a package -----------------------------------------------------

run 20 "$diver" publish "$(folder words 1.0 args ', "args": "from  the package",
	"memory": "32M", "cpus": 2, "success": 7')"
run 20 "$diver" pull words
is "$(cat "$store/words/1.0/options")" "--mem=32M
--cpus=2
--exit-ok=7
$store/words/1.0/files/kernel.elf
--
from
the
package" 'a version has one plain file of options of dive'
run 20 "$dive" words
is "$out$err" '1: from
2: the
3: package' 'its arguments are given to the kernel'
run 20 "$dive" words mine
is "$out$err" '1: mine' '... unless there are others'
run 20 "$dive" words --
is "$out$err" '' '... or none'
run 20 "$diver" publish "$(folder exit 1.0 exit ', "success": 7, "args": "7"')"
run 20 "$diver" pull exit
run 20 "$dive" exit
is "$status" 0 'its status for success is 0'
run 20 "$dive" --exit-ok 8 exit
is "$status" 7 'the command line prevails over the package'
run 20 "$dive" --repeat 2 exit
is "$status" 0 '--repeat repeats a package'
printf 'hello\n' >"$store/words/1.0/options"
run 20 "$dive" words
is "$status$err" '125dive: words is damaged; diver pull it again' \
	'damaged options are said to be so'
run 20 "$diver" pull words
run 20 "$dive" words mended
is "$out" '1: mended' '... and pulling again mends them'
strace -o "$tap_dir/trace" "$dive" words >"$tap_dir/out" 2>/dev/null
unlike "$(cat "$tap_dir/trace")" 'json|registry' \
	'dive reads neither JSON nor the registry'

# --- versions -----------------------------------------------------------------

for version in 1.10 1.9 2.0-rc.1; do
	run 20 "$diver" publish "$(folder hello $version args)"
	is "$status" 0 "version $version is published"
done
run 20 "$diver" pull hello
is "$out" 'hello@1.10 is pulled' 'without a version the newest release is pulled'
run 20 "$dive" hello new
is "$out" '1: new' '... and then run'
run 20 "$dive" pkg:hello@1.0
is "$out" hello 'the other one can still be run'
run 20 "$diver" pull hello@1.9
run 20 "$diver" ls
is "$(printf '%s\n' "$out" | cut -f 1,2,4)" 'exit	1.0	fullvm
hello	1.10	fullvm
hello	1.9	fullvm
hello	1.0	fullvm
words	1.0	fullvm' 'ls has tabs, and no headings, in a pipe'
run 20 script -qec "$diver ls" /dev/null
like "$out" '^NAME +VERSION +SIZE +MODES +DESCRIPTION' '... and headings on a terminal'
run 20 "$diver" ls --registry --json
is "$(json '[map { "$_->{name} $_->{version}" } @{$j->{packages}}]')" \
	'["exit 1.0","hello 2.0-rc.1","hello 1.10","hello 1.9","hello 1.0","words 1.0"]' \
	'ls --registry --json has all that is published'
run 20 "$diver" info words --json
is "$(json '"$j->{kernel} $j->{memory} $j->{cpus} $j->{args}"')" \
	'kernel.elf 32M 2 from  the package' 'info --json has the fields'
digest=$(json '$j->{digest} =~ s/sha256://r')
ok '... and the digest of the manifest' [ -f "$blobs/$digest" ]
run 20 "$diver" publish "$(folder hello 1.9 hello)"
is "$status" 125 'a version that is published stays what it is'
like "$err" '^diver: hello@1.9 is published already' '... and that is said'
run 20 "$diver" rm hello
run 20 "$dive" pkg:hello@1.0
is "$status" 127 'what was removed is not run'
run 20 "$diver" rm hello
is "$status$err" '127diver: hello is not pulled; diver ls says what is' \
	'... and cannot be removed again'
is "$(ls -A "$store")" 'exit
words' '... and nothing is left of it'
run 20 "$diver" rm --registry hello
run 20 "$diver" gc --check
is "$status$out$err" 0 'a registry is whole without it'
run 20 "$diver" gc
is "$(find "$blobs" -type f | wc -l)" 6 'gc removes what nobody needs'
run 20 "$diver" pull exit
is "$status" 0 '... and nothing else'

# --- what is said of wrong words ----------------------------------------------

bad=$tap_dir/folder/bad
mkdir -p "$bad"
# refused TEXT MESSAGE: of a diver.json.
refused() {
	printf %b "$1" >"$bad/diver.json"
	run 10 "$diver" publish "$bad"
	is "$status $err" "125 diver: diver.json$2" "refused:${2#:*:*:}"
}
refused '{"name": "a",\n "name": "b"}' ':2:10: "name" comes twice'
refused '{"name": "a",\n "Version": "1"}' ':2:13: there is no field "Version"'
refused '{"name": "a", "version": "1"}' \
	': "kernel" is missing: a file below this folder, without . and ..'
refused '{"name": "a", "version": "1", "kernel": "../k"}' \
	':1:41: "kernel" is to be a file below this folder, without . and ..'
refused '{"name": "a", "version": "1", "description": "\033[31m"}' \
	':1:47: a control character in a string'
printf '{"name": "a", "version": "1", "kernel": "k"}' >"$bad/diver.json"
run 10 "$diver" publish "$bad"
is "$status$err" '127diver: k: No such file or directory' 'a kernel that is not there'
ln -s /etc/hostname "$bad/k"
run 10 "$diver" publish "$bad"
is "$status$err" '125diver: k leads out of the package' 'a link out of the folder'
for words in 'pull' 'pull a b' 'pull --check a' 'pull ../a' 'pull a@b' 'rm' \
	'ls a' 'info' 'gc --json' 'publish a b'; do
	# shellcheck disable=SC2086 # words are meant
	run 10 "$diver" $words
	is "$status" 125 "diver $words is not understood"
done

# --- hostile registries -------------------------------------------------------

# blob FILE: puts it there; says its descriptor without a type.
blob() {
	local sum
	sum=$(sha256sum <"$1"); sum=${sum%% *}
	cp "$1" "$blobs/$sum"
	printf '"digest":"sha256:%s","size":%s' "$sum" "$(stat -c %s "$1")"
}
oci=application/vnd.oci.image
# forge LAYER [NAME]: a registry with a package evil@1 of that layer.
forge() {
	export DIVER_REGISTRY=$tap_dir/forged
	blobs=$DIVER_REGISTRY/blobs/sha256
	rm -rf "$DIVER_REGISTRY"
	mkdir -p "$blobs"
	printf '{"imageLayoutVersion":"1.0.0"}' >"$DIVER_REGISTRY/oci-layout"
	printf '{"config":{"Labels":{"org.opencontainers.image.title":"%s",
		"org.opencontainers.image.version":"1",
		"dev.diver.kernel":"%s"}}}' "${2:-evil}" "${3:-kernel.elf}" >"$tap_dir/config"
	printf '{"schemaVersion":2,"config":{"mediaType":"%s.config.v1+json",%s},
		"layers":[{"mediaType":"%s.layer.v1.tar",%s}]}' "$oci" \
		"$(blob "$tap_dir/config")" "$oci" "$(blob "$1")" >"$tap_dir/manifest"
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s.manifest.v1+json",%s,
		"annotations":{"org.opencontainers.image.ref.name":"evil:1"}}]}' "$oci" \
		"$(blob "$tap_dir/manifest")" >"$DIVER_REGISTRY/index.json"
}
# no_pull WHY NAME
no_pull() {
	run 20 "$diver" pull evil
	is "$status" 125 "$2 is refused"
	like "$err" "^diver: evil@1: .*$1" '... and it is said why'
	is "$(find "$HOME" -name '*evil*' -o -name .new -o -name .old)" '' \
		'... and nothing of it is anywhere'
}
good=$tap_dir/good.tar
tar -C "$tap_dir/folder/words" -cf "$good" kernel.elf
forge "$good"
run 20 "$diver" pull evil
is "$status$err" 0 'an image with labels only, as a Dockerfile makes it, is pulled'
run 20 "$dive" evil a
is "$out" '1: a' '... and run'
gzip -c "$good" >"$good.gz"
forge "$good.gz"
run 20 "$diver" pull evil
is "$status$err" 0 'a compressed layer is unpacked'
run 20 "$diver" rm evil

cp "$good" "$tap_dir/x.tar"
echo outside >"$tap_dir/outside"
touch "$tap_dir/empty"
# bad_layer NAME WHY TAR-ARGUMENT...: one more file in the tar.
bad_layer() {
	local name=$1 why=$2
	shift 2
	cp "$good" "$tap_dir/x.tar"
	tar -C "$tap_dir" -rPf "$tap_dir/x.tar" "$@" 2>/dev/null
	forge "$tap_dir/x.tar"
	no_pull "$why" "$name"
}
bad_layer 'a path with ..' 'is no name' --transform 's,^,../,' outside
bad_layer 'an absolute path' 'is no name' "$tap_dir/outside"
ln -s / "$tap_dir/link"
bad_layer 'a symbolic link' 'neither a regular file' link
bad_layer 'a device' 'neither a regular file' /dev/null --transform 's,^/dev/,,'
mkfifo "$tap_dir/pipe"
bad_layer 'a FIFO' 'neither a regular file' pipe
ln "$tap_dir/outside" "$tap_dir/outside2"
bad_layer 'a hard link' 'neither a regular file' outside outside2
bad_layer 'a file that is there twice' 'is there twice' \
	--transform 's,outside,kernel.elf,' outside
forge "$good" evil ../../../../outside
no_pull 'dev.diver.kernel: "kernel" is to be a file' 'a kernel outside'
forge "$good" evil 'kernel.elf\n--share=/'
no_pull 'is to be a file' 'an option in a name'
forge "$good" evil other
no_pull 'is to be a file of the package, and is not' 'a kernel that is not in it'
forge "$good" hello
no_pull 'it says that it is hello@1' 'a package of another name'
forge "$good"
sum=$(sha256sum <"$good"); sum=${sum%% *}
truncate -s -1 "$blobs/$sum"
no_pull 'is damaged in the local registry: [0-9]+ bytes instead of' 'a truncated blob'
run 20 "$diver" gc --check
is "$status$out" "125sha256:$sum: damaged
sha256:$sum: missing, or of another size" '... and found by gc --check'
cp "$good" "$blobs/$sum"
printf x | dd of="$blobs/$sum" bs=1 seek=1000 conv=notrunc 2>/dev/null
no_pull 'is damaged in the local registry: other bytes than' 'a wrong byte'
rm "$blobs/$sum"
no_pull 'is damaged in the local registry: No such file' 'a missing blob'
ln -s "$good" "$blobs/$sum"
no_pull 'is damaged in the local registry' 'a blob that is a link'
forge "$good"
sed -i 's/"digest"/"digest":"sha256:0","digest"/' "$DIVER_REGISTRY/index.json"
run 20 "$diver" pull evil
like "$err" 'index.json:1:[0-9]+: "digest" comes twice' 'a digest that comes twice'
forge "$good"
evil=$(printf '\\u001b[31m\\u009b31m')
sed -i "s/\"schemaVersion\"/\"$evil\":1,\"$evil\":1,\"schemaVersion\"/" \
	"$DIVER_REGISTRY/index.json"
run 20 "$diver" ls --registry
unlike "$err" "$(printf '\033')" 'no escape sequence reaches the terminal'
is "$(cat "$tap_dir/outside")" outside 'nothing outside was written'

# --- two at once, and killed --------------------------------------------------

export DIVER_REGISTRY=$tap_dir/registry
blobs=$DIVER_REGISTRY/blobs/sha256
home crowd
for i in 1 2 3 4 5 6 7 8; do
	folder "crowd$i" 1 hello >/dev/null
done
for i in 1 2 3 4 5 6 7 8; do
	"$diver" publish "$tap_dir/folder/crowd$i" >"$tap_dir/crowd.$i" 2>&1 &
done
"$diver" publish "$tap_dir/folder/crowd1" >"$tap_dir/crowd.9" 2>&1
wait
is "$(cat "$tap_dir"/crowd.? | sort -u | wc -l)" 8 'nine publish at once'
run 20 "$diver" ls --registry
is "$(printf '%s\n' "$out" | grep -c '^crowd')" 8 '... and all are there'
for i in 1 2 3 4; do
	"$diver" pull "crowd$i" >/dev/null 2>&1 &
	"$diver" pull crowd1 >/dev/null 2>&1 &
done
wait
run 20 "$diver" ls
is "$(printf '%s\n' "$out" | cut -f 1)" 'crowd1
crowd2
crowd3
crowd4' 'eight pull at once'

folder big 1 hello ', "files": ["bulk"]' >/dev/null
head -c 4000000 /dev/urandom >"$tap_dir/folder/big/bulk"
# Between the first call and the last one, wherever that is here.
killed=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	"$diver" publish "$tap_dir/folder/big" >/dev/null 2>&1 & pid=$!
	sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
	"$diver" gc --check >"$tap_dir/check" 2>&1 || break
	# All of it, or nothing.
	if "$diver" ls --registry | grep -q '^big'; then
		"$diver" pull big >/dev/null 2>&1 || break
		cmp -s "$tap_dir/folder/big/bulk" "$store/big/1/files/bulk" || break
		"$diver" rm --registry big
	fi
done
is "$i $(cat "$tap_dir/check")" '12 ' 'a killed publish leaves all or nothing'
ok "... and some ($killed) were killed" [ $killed -gt 0 ]
run 20 "$diver" publish "$tap_dir/folder/big"
is "$status$err" 0 '... and the next one works'
is "$(ls "$DIVER_REGISTRY")" 'blobs
index.json
oci-layout' '... and leaves nothing of the killed ones'
killed=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	"$diver" rm big >/dev/null 2>&1
	"$diver" pull big >/dev/null 2>&1 & pid=$!
	sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
	[ ! -e "$store/big/1" ] ||
		cmp -s "$tap_dir/folder/big/bulk" "$store/big/1/files/bulk" || break
done
is "$i" 12 'a killed pull leaves all or nothing'
ok "... and some ($killed) were killed" [ $killed -gt 0 ]
run 20 "$diver" pull big
is "$status$err" 0 '... and the next one works'
is "$(ls -A "$store")" 'big
crowd1
crowd2
crowd3
crowd4' '... and leaves nothing of the killed ones'

# --- skopeo -------------------------------------------------------------------

if command -v skopeo >/dev/null; then
	run 60 skopeo inspect "oci:$DIVER_REGISTRY:big:1"
	is "$(json '$j->{Labels}{"dev.diver.kernel"}')" kernel.elf 'skopeo inspects a package'
	run 60 skopeo --insecure-policy copy "oci:$DIVER_REGISTRY:big:1" \
		"oci:$tap_dir/copy:big:1"
	export DIVER_REGISTRY=$tap_dir/copy
	run 20 "$diver" rm big
	run 20 "$diver" pull big
	is "$status$err" 0 'what skopeo has copied, and compressed, is pulled'
	ok '... as it was' cmp "$tap_dir/folder/big/bulk" "$store/big/1/files/bulk"
	run 20 "$dive" big
	is "$out" hello '... and runs'
else
	skip 'packages are images to skopeo' 'skopeo is missing'
fi

done_testing
