#!/bin/sh
# Stands before mkinitramfs(8) in a root in a folder. kdump-tools has an initramfs of its own built whenever a kernel
# is set up, and asks for what this very machine needs: it gets all modules, as the root belongs to another one.
#
# Written to a folder that comes first in the PATH (masked-programs.ts); run in the root by maintainer scripts
# and hooks, as root.
#
# Arguments: those of mkinitramfs; `-d FOLDER` names its configuration. Environment: its own.
# Exit codes: those of the real one.

folder=
for word; do
  [ "$last" != -d ] || folder=$word
  last=$word
done
case $folder in
  '' | /etc/*) ;;
  *) mkdir -p "$folder/conf.d" && echo MODULES=most > "$folder/conf.d/zzzz-crossgrade" ;;
esac
exec /usr/sbin/mkinitramfs "$@"
