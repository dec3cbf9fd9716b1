#!/bin/sh
# shellcheck disable=SC1091 # initramfs-tools has the file of functions.
# shellcheck disable=SC2013 # Words are wanted: a path in crypttab(5) has no white space.
# Puts into an initramfs what the machine that a root in a folder belongs to unlocks its disks with: its hooks find no
# such disk here, and would leave it out. What the hook of the package has found stays as it is.
#
# Written to /etc/initramfs-tools/hooks while an initramfs is built (initramfs-elsewhere.ts): hooks of /etc come
# after all of packages. Run by mkinitramfs in the root, as root.
#
# Arguments: `prereqs`, when it is asked which hooks it needs, or none.
# Environment: DESTDIR, from mkinitramfs: the folder of the initramfs.
# Reads what recordUnlocking has kept: crypttab and keyfiles.
# Exit codes: 0; another one when the initramfs cannot be made.

# Written by crossgrade, which takes it away again.
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
set -e
record=/var/lib/crossgrade/before/cryptroot
mkdir -p "$DESTDIR/cryptroot"
table=$DESTDIR/cryptroot/crypttab
touch "$table"
while read -r name rest; do
  cut -d ' ' -f 1 "$table" | grep -Fqx -e "$name" || printf '%s %s\n' "$name" "$rest" >> "$table"
done < "$record/crypttab"
for script in $(sed -n 's/.*[ ,]keyscript=\([^, ]*\).*/\1/p' "$table"); do
  [ ! -x "$script" ] || copy_exec "$script"
done
if [ -d "$record/keyfiles" ]; then
  cp -R --preserve=mode "$record/keyfiles" "$DESTDIR/cryptroot/"
fi
