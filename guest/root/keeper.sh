# shellcheck shell=dash
# shellcheck disable=SC2086 # The fields of a stat file are taken apart at white space.
# The first process of a root's private mount and pid namespaces. It sets up what programs in the root see, prints its
# own pid and then only reaps orphans. All of it is gone when this process is.
#
# Run by the host's sh, as `unshare --mount --pid --fork sh -c` (keeper.ts): by root, or by an ordinary user in
# a user namespace.
#
# Arguments, all of them paths of the host unless said otherwise:
#   1  the root
#   2  read, write, or view: to write as well, where nothing of the host may be reached
#   3  the root's /dev, 4 its /proc, 5 its /tmp
#   6  the file to mount policy-rc.d on; empty when opened for reading
#   7  yes where that file is ours, and goes with us
#   8  the work directory
#   9  options that the view for reading must have as well, as `,nosuid,nodev`
#   10 pid of the owner, 11 its start in ticks
#   12 the root's folder below /run to make, 13 the resolv.conf in it; empty where it is not needed
# Environment: nothing but PATH.
# Standard output: the pid, and nothing more.
# Exit codes: not 0 when it could not be set up; nobody waits for a later one.
#
# When the crossgrade that owns it is dead (killed, so nobody closes), or the whole root was taken away, and no program
# that it had started is left, it ends by itself and takes the mount point of policy-rc.d with it. Daemons that a
# maintainer script left behind are children of this process, and don't count; programs that came in from outside have
# the parent 0.
#
# Who is not root has a user namespace as well. In it no device can be made, so the host's own ones are shown, one by
# one: the folder around them stays ours. Its only group is ours, and apt can't become another user.
#
# In a view no device works that a program makes, and what /proc has of the kernel itself cannot be written: the running
# system has the same disks and the same kernel.
#
# Where /etc/resolv.conf is a link to what only a running system has below /run, that is there, with the host's words.
#
# It stays in the host's root directory, so /proc is the host's and shows the owner.

set -eu
umask 022
root=$1 access=$2 dev=$3 proc=$4 tmp=$5 policy=$6 policy_ours=$7 work=$8 sticky=$9
shift 9

mount --rbind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$proc"
nodev=
[ "$access" = view ] && nodev=,nodev
mount -t tmpfs -o "mode=0755,nosuid,size=16m$nodev" tmpfs "$dev"
cd "$dev"
device() {
  [ -z "$nodev" ] && mknod -m 666 "$1" c "$2" "$3" 2>/dev/null && return
  : > "$1"
  mount --bind "/dev/$1" "$1"
}
device null 1 3
device zero 1 5
device full 1 7
device random 1 8
device urandom 1 9
device tty 5 0
ln -s /proc/self/fd fd
ln -s /proc/self/fd/0 stdin
ln -s /proc/self/fd/1 stdout
ln -s /proc/self/fd/2 stderr
ln -s pts/ptmx ptmx
mkdir pts shm crossgrade crossgrade/work
terminals=newinstance,nosuid,noexec,mode=620,ptmxmode=666
mount -t devpts -o "$terminals,gid=5" devpts "$dev/pts" 2>/dev/null || mount -t devpts -o "$terminals" devpts "$dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$dev/shm"
mount --bind "$work" "$dev/crossgrade/work"
echo "$1 $2" > crossgrade/owner
if [ -n "$3" ]; then
  mount -t tmpfs -o mode=0755,nosuid,nodev,size=16m tmpfs "$3"
  mkdir -p "$3/lock" "${4%/*}"
  chmod 1777 "$3/lock"
  cat /etc/resolv.conf > "$4" || :
fi
echo 'APT::Sandbox::User "root";' > crossgrade/apt-without-sandbox.conf
if [ "$access" != read ]; then
  printf '#!/bin/sh\nexit 101\n' > crossgrade/policy-rc.d
  chmod 755 crossgrade/policy-rc.d
  mount --bind crossgrade/policy-rc.d "$policy"
else
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$tmp"
  mount -o "remount,bind,ro$sticky" "$root"
fi
if [ "$access" = view ]; then
  find "$proc" -mindepth 1 -maxdepth 1 ! -name '[0-9]*' '(' -type d -o -type f -perm /222 ')' | while read -r entry; do
    mount --bind "$entry" "$entry"
    mount -o remount,bind,ro,nosuid,nodev,noexec "$entry"
  done
fi
cd /

read -r self _ < /proc/self/stat
echo "$self"
exec > /dev/null 2>&1
set +e

owner_lives() {
  [ -e "$1" ] || return 1
  read -r pid ticks < "$1" || return 0
  read -r line < "/proc/$pid/stat" || return 1
  set -- ${line##*) }
  [ "$1" != Z ] && [ "${20}" = "$ticks" ]
}

busy() {
  for stat in "$proc"/[0-9]*/stat; do
    [ "$stat" = "$proc/1/stat" ] && continue
    read -r line < "$stat" || continue
    set -- ${line##*) }
    [ "$2" = 0 ] && return 0
  done
  return 1
}

# A shutdown of the host sends this to everyone; a running dpkg is still given the time it has.
ended=
trap 'ended=yes' TERM
owner=$dev/crossgrade/owner
while :; do
  idle=0
  while [ "$idle" -lt 2 ]; do
    sleep 2
    if busy || { [ -z "$ended" ] && owner_lives "$owner"; }; then idle=0; else idle=$((idle + 1)); fi
  done
  # Whoever takes over writes into this file, and then looks whether it is still in its place.
  mv "$owner" "$owner.last"
  if [ -n "$ended" ] || ! owner_lives "$owner.last"; then break; fi
  mv "$owner.last" "$owner"
done
if [ "$policy_ours" = yes ]; then umount "$policy" && rm -f "$policy"; fi
rm -rf --one-file-system "$work"
