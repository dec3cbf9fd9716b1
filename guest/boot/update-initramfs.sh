#!/bin/sh
# Stands in the place of update-initramfs(8) in a root in a folder: only the initramfs of a kernel that goes is deleted,
# by the real one. Those of others are built by us, with settings for the machine that the root belongs to.
#
# Written to a folder that comes first in the PATH (masked-programs.ts); run in the root by maintainer scripts
# and hooks, as root.
#
# Arguments: those of update-initramfs. Environment: its own.
# Exit codes: those of the real one; 0 where nothing is to be done.

for word; do
  [ "$word" != -d ] || exec /usr/sbin/update-initramfs "$@"
done
