#!/bin/bash
# enter.sh DIR COMMAND…: runs COMMAND in the Debian tree DIR, in mount and pid namespaces of its own.
# The root gets a small private /dev, never the host's.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
# shellcheck disable=SC2016 # The inner bash expands them.
exec unshare --mount --pid --fork --kill-child bash -ceu '
  dir=$1; shift
  mount -t proc proc "$dir/proc"
  mount -t tmpfs -o mode=755 tmpfs "$dir/dev"
  for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "$dir/dev/${node%:*}" c 1 "${node#*:}"
  done
  mknod -m 666 "$dir/dev/tty" c 5 0
  mkdir "$dir/dev/shm" "$dir/dev/pts"
  ln -s /proc/self/fd "$dir/dev/fd"
  ln -s /proc/self/fd/0 "$dir/dev/stdin"
  ln -s /proc/self/fd/1 "$dir/dev/stdout"
  ln -s /proc/self/fd/2 "$dir/dev/stderr"
  exec chroot "$dir" "$@"
' enter "$@"
