#!/bin/sh
# What an administrator types to use Debian's crossgrader, without the kernel and its reboot. Runs in the root;
# bench.py answers the questions. Prints the exit code of each command and goes on, as a reader of the manual would.
say() { "$@"; code=$?; echo "bench: exit code $code: $*"; return $code; }

# Installed names that exist in 32 bit only.
only_i386() {
  dpkg-query -W -f '${Package} ${Architecture} ${db:Status-Status}\n' |
    awk '$3 == "installed" && $2 == "i386" { old[$1] } $3 == "installed" && $2 != "i386" { new[$1] }
         END { for (name in old) if (!(name in new)) print name }'
}

# The first call replaces dpkg, apt and python3 and ends with "Please re-run the first stage".
say crossgrader amd64
say crossgrader amd64
for _ in 1 2 3; do
  say crossgrader amd64 --second-stage && [ -z "$(only_i386)" ] && break
done
say crossgrader amd64 --third-stage i386
say dpkg --remove-architecture i386
