#!/bin/bash
# Builds crossgrade_VERSION_all.deb: npm run deb [-- FOLDER]   (default: dist)
#
# Needs Node 20, npm and apt. The Node inside comes from the i386 packages of Debian's bookworm, whatever this machine
# runs; apt fetches them from this machine's own mirror and checks them against the signed indices. The same source and
# the same packages give the same bytes: times are the changelog's.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

out=${1:-$top/dist}
architecture=i386
suite=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

need_node
need_programs dpkg-deb:dpkg readelf:binutils xz:xz-utils gzip:gzip
[ -r "$keyring" ] || die "$keyring is missing. Install debian-archive-keyring."
need_dependencies
build

packaging=$top/packaging
version=$(cd "$top" && node -p 'require("./package.json").version')
[ "$version" = "$(sed -n '1s/^[^(]*(\([^)]*\)).*/\1/p' "$packaging/changelog")" ] ||
  die "The first entry of packaging/changelog is not of version $version, which package.json names."
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date -d "$(sed -n 's/^ -- .*>  //p' "$packaging/changelog" | head -n 1)" +%s)}
export SOURCE_DATE_EPOCH
umask 022

work=$(mktemp -d)
# apt's unprivileged download user works in it.
chmod 755 "$work"
trap 'rm -rf --one-file-system -- "$work"' EXIT

say "Downloading Node and busybox of $suite for $architecture"
mirror=$(node "$top/scripts/machine-mirror.mjs" "$suite")
mkdir -p "$work"/apt/{lists,archives}/partial "$work/unpacked"
: >"$work/apt/status"
for name in "$suite" "$suite-updates"; do
  printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$architecture" "$keyring" "$mirror" "$name"
done >"$work/apt/sources.list"
private_apt() {
  apt-get -qq -y -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" \
    -o Dir::State::extended_states=/dev/null -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt" \
    -o Dir::Cache::archives="$work/apt/archives" -o Dir::Etc::sourcelist="$work/apt/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Install-Recommends=false \
    -o APT::Default-Release= -o Acquire::Languages=none -o Acquire::Retries=3 "$@" >&2
}
private_apt -o APT::Update::Error-Mode=any update || die "The package lists of $mirror could not be fetched."
private_apt --download-only install nodejs busybox-static || die "The packages could not be fetched from $mirror."
for archive in "$work"/apt/archives/*.deb; do
  dpkg-deb --extract "$archive" "$work/unpacked"
done

say "Putting crossgrade $version together"
tree=$work/tree
place=$tree/usr/lib/crossgrade
doc=$tree/usr/share/doc/crossgrade
mkdir -p "$place/runtime/lib" "$place/js" "$doc/runtime" "$doc/bundled" "$tree/DEBIAN"

# find_library NAME: the one file that provides it.
find_library() {
  local folder
  for folder in "$work"/unpacked/{usr/,}lib/i386-linux-gnu; do
    [ -e "$folder/$1" ] && readlink -f "$folder/$1" && return
  done
  die "No package has $1."
}
used=()
# add_needed FILE: what it is linked with, and what that is linked with.
add_needed() {
  local name file
  for name in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ "$name" = ld-linux.so.2 ] && continue
    [ -e "$place/runtime/lib/$name" ] && continue
    file=$(find_library "$name")
    used+=("$file")
    install -m 644 "$file" "$place/runtime/lib/$name"
    add_needed "$file"
  done
}
loader=$(find_library ld-linux.so.2)
install -m 755 "$loader" "$place/runtime/ld-linux.so.2"
install -m 755 "$work/unpacked/usr/bin/node" "$place/runtime/node"
install -m 755 "$work/unpacked/bin/busybox" "$place/busybox"
used+=("$loader" "$work/unpacked/usr/bin/node" "$work/unpacked/bin/busybox")
add_needed "$place/runtime/node"
modules=$(node "$top/scripts/point-node-to.mjs" "$place/runtime/lib/libnode.so.108" /usr/lib/crossgrade/js)
while read -r module name; do
  install -m 644 "$(readlink -f "$work/unpacked$module")" "$place/js/$name"
  used+=("$(readlink -f "$work/unpacked$module")")
done <<<"$modules"

# /usr/sbin/crossgrade starts it. It is as long as before: its parts know the lines that they stand on.
sed '1s/.*/\/\/ Started by \/usr\/sbin\/crossgrade./' "$top/dist/crossgrade.mjs" >"$place/crossgrade.mjs"
chmod 644 "$place/crossgrade.mjs"
install -m 644 "$packaging/has-stopped.sh" "$packaging/guard.sh" "$place/"
install -D -m 755 "$packaging/crossgrade.sh" "$tree/usr/sbin/crossgrade"
install -D -m 644 "$packaging/crossgrade.bash-completion" "$tree/usr/share/bash-completion/completions/crossgrade"
install -D -m 644 -t "$tree/usr/lib/systemd/system" "$packaging/crossgrade.service" "$packaging/crossgrade-guard.service"
for unit in apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service \
  unattended-upgrades.service packagekit.service packagekit-offline-update.service etckeeper.timer; do
  install -D -m 644 "$packaging/paused.conf" "$tree/usr/lib/systemd/system/$unit.d/crossgrade.conf"
done
install -D -m 644 "$packaging/crossgrade.8" "$tree/usr/share/man/man8/crossgrade.8"
install -D -m 644 "$packaging/lintian-overrides" "$tree/usr/share/lintian/overrides/crossgrade"
install -m 644 "$packaging/changelog" "$doc/changelog"
install -m 644 "$top/README.md" "$doc/README.md"
gzip -9n "$doc/changelog" "$tree/usr/share/man/man8/crossgrade.8"

# The packages that something was taken from, and their licences.
for archive in "$work"/apt/archives/*.deb; do
  package=$(dpkg-deb -f "$archive" Package)
  files=$(dpkg-deb --fsys-tarfile "$archive" | tar -t | sed -n 's,^\.\(/.*[^/]\)$,\1,p')
  for file in "${used[@]}"; do
    grep -qxF "${file#"$work/unpacked"}" <<<"$files" || continue
    printf '%s %s\n' "$package" "$(dpkg-deb -f "$archive" Version)"
    # Without the field, or without a version in it, the source is called as the package is.
    # shellcheck disable=SC2016 # The variables are dpkg-deb's own.
    dpkg-deb --show --showformat '${source:Package} (= ${source:Version})\n' "$archive" >>"$work/sources"
    cp -L "$work/unpacked/usr/share/doc/$package/copyright" "$doc/runtime/$package.copyright"
    break
  done
done | sort >"$doc/runtime.packages"
node "$top/scripts/bundled-licences.mjs" "$doc/bundled"
install -m 644 "$top/dist/crossgrade.dependencies.json" "$doc/bundled.dependencies.json"
# Their corresponding source, which an archive keeps as long as this package names it.
sources=$(sort -u "$work/sources" | paste -sd , | sed 's/,/, /g')
sed "s/@SOURCES@/$sources/" "$packaging/copyright" >"$doc/copyright"

find "$tree" -type d -exec chmod 755 {} +
find "$doc" -type f -exec chmod 644 {} +
size=$(find "$tree/usr" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
sed "s/@VERSION@/$version/; s/@INSTALLED_SIZE@/$size/; s/@SOURCES@/$sources/" "$packaging/control" >"$tree/DEBIAN/control"
install -m 755 "$packaging/postinst" "$packaging/prerm" "$packaging/postrm" "$tree/DEBIAN/"
(cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
chmod 644 "$tree/DEBIAN/control" "$tree/DEBIAN/md5sums"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
# More threads give other bytes. Tests take what is quick.
read -ra compression <<<"${CROSSGRADE_DEB_COMPRESSION:--Zxz -z6}"
dpkg-deb --root-owner-group --threads-max=1 "${compression[@]}" --build "$tree" "$out/crossgrade_${version}_all.deb" >&2
printf '%s\n' "$out/crossgrade_${version}_all.deb"
