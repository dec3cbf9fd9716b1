#!/bin/bash
# Shows a crossgrade from beginning to end, on a 32-bit Debian 12 made for the purpose: npm run demo [-- --keep]
#
# The system is made once and kept; each demo works on an overlay of it, which is thrown away at the end.
# --keep leaves that overlay for looking around.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

keep=no
for argument in "$@"; do
  case $argument in
    --keep) keep=yes ;;
    *) die "Unknown argument: $argument. Usage: npm run demo [-- --keep]" ;;
  esac
done

suite=bookworm
packages=openssh-server,python3,nano,cron,less
folder=${CROSSGRADE_DEMO_FOLDER:-/var/cache/crossgrade-demo}

need_root_rights 'The demo' 'npm run demo'
need_node
need_programs debootstrap:debootstrap unshare:util-linux
need_dependencies
build
crossgrade() {
  node "$top/dist/crossgrade.mjs" "$@"
}

# The name tells what is in it: another list makes another system.
pristine=$folder/$suite-$(printf '%s' "$packages" | sha256sum | cut -c 1-8)
mkdir -p "$folder"
if [ -d "$pristine" ]; then
  say "Using the 32-bit system of an earlier demo: $pristine"
else
  say "Making a 32-bit Debian $suite with $packages: $pristine"
  crossgrade sandbox "$pristine" --suite "$suite" --packages "$packages"
fi

place=$(mktemp -d "$folder/demo.XXXXXX")
chmod 755 "$place"
root=$place/root

# shellcheck disable=SC2317 # Called at the end, by the trap.
clean_up() {
  local point
  for point in $(mount_points_in "$place"); do
    umount "$point" || say "$point is still in use; later: umount $point"
  done
  remove_tree "$place"
}
trap clean_up EXIT
mount_overlay "$pristine" "$place"

# describe: what dpkg and a program's own header say.
describe() {
  printf '  dpkg: %s, with %s packages of i386 and %s of amd64\n' "$(inside dpkg --print-architecture)" \
    "$(count i386)" "$(count amd64)"
  printf '  /bin/ls: %s-bit\n' "$(case $(od -An -tu1 -j4 -N1 "$root/bin/ls") in *1) echo 32 ;; *) echo 64 ;; esac)"
}
inside() {
  LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"
}
count() {
  # shellcheck disable=SC2016 # dpkg-query's own variables
  inside dpkg-query -W -f '${db:Status-Status} ${Architecture}\n' | grep -c "^installed $1$" || true
}

before=$(describe)
say "crossgrade run --root $root --yes"
code=0
crossgrade run --root "$root" --yes || code=$?

say 'Before'
printf '%s\n' "$before"
say 'After'
describe
if [ "$keep" = yes ]; then
  trap - EXIT
  cat <<END

The system is left in
  $root
Enter it: a shell with its own /proc, in namespaces that end with it.
  sudo unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc $root/proc && exec chroot $root bash -l'
Throw it away:
  sudo umount $(mount_points_in "$place" | tr '\n' ' ')&& sudo rm -rf --one-file-system $place
END
fi
exit "$code"
