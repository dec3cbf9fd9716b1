# Shared by the scripts in this folder: source it, do not run it.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() {
  printf '%s\n' "== $*" >&2
}

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# need_root_rights WHY
need_root_rights() {
  [ "$(id -u)" = 0 ] || die "$1 needs root rights: it makes Debian systems and enters them. Nothing was done.
Run it as root, for example: sudo $2"
}

# need_node: what development needs; the built program itself runs on Node 18.
need_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    die 'Node and npm are not installed. Install Node 20.19 or newer.'
  fi
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    die "Node $(node --version) is too old: 20.19 or newer is needed."
}

# need_programs PROGRAM:PACKAGE…: installs the packages whose program is missing.
need_programs() {
  local pair missing=()
  for pair in "$@"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} = 0 ] && return
  say "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # A fresh machine or container has no package lists.
  apt-get -qq -o Acquire::Retries=3 update >&2 || true
  apt-get -qq -y -o Acquire::Retries=3 install --no-install-recommends "${missing[@]}" >&2 ||
    die "apt could not install ${missing[*]}. Install them by hand, then start again."
}

# need_dependencies: npm ci, unless what is installed is what package-lock.json says.
need_dependencies() {
  local stamp=$top/node_modules/.lock-file-sum sum
  sum=$(sha256sum <"$top/package-lock.json")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return
  say 'Installing the npm packages that package-lock.json names'
  (cd "$top" && npm ci) >&2 || die 'npm could not install the packages of package-lock.json.'
  printf '%s\n' "$sum" >"$stamp"
}

build() {
  say 'Building dist/crossgrade.mjs'
  node "$top/scripts/build.mjs" || die 'The program could not be built.'
}

# mount_points_in DIR: what is mounted at or below it, the latest first.
mount_points_in() {
  awk -v dir="$1" '$5 == dir || index($5, dir "/") == 1 { print $5 }' /proc/self/mountinfo | tac
}

# remove_tree DIR: never below a mount.
remove_tree() {
  if [ -n "$(mount_points_in "$1")" ]; then
    say "$1 was left there: something is mounted in it"
    return 1
  fi
  rm -rf --one-file-system -- "$1"
}

# mount_overlay LOWER PLACE: mounts PLACE/root, which looks like LOWER and keeps changes in PLACE/layer.
mount_overlay() {
  local lower=$1 place=$2 layer=$2/layer settings
  settings="lowerdir=$lower,upperdir=$layer/changes,workdir=$layer/work,redirect_dir=on,index=off,metacopy=off,xino=off"
  mkdir -p "$place/root" "$layer/changes" "$layer/work"
  mount -t overlay -o "$settings" crossgrade "$place/root" 2>/dev/null && return
  # In a container this folder is often on an overlay itself, which cannot take another one's changes; memory can.
  mount -t tmpfs -o mode=755,size=80% crossgrade "$layer"
  mkdir "$layer/changes" "$layer/work"
  mount -t overlay -o "$settings" crossgrade "$place/root"
}
