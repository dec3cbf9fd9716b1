#!/bin/bash
# Compares crossgrade with Debian's crossgrader and with a lower bound. `npm run bench -- --help` lists the options;
# `npm run bench:check -- --help` those of the benchmark of the report.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || { echo 'The benchmark makes and enters Debian roots: run it as root.' >&2; exit 2; }

missing=()
for program in debootstrap python3; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}"
fi

# All mounts are made in a mount namespace of our own: they end with it.
program=bench
if [ "${1:-}" = check ]; then
  program=check
  shift
fi
exec unshare --mount --propagation private python3 -B "bench/$program.py" "$@"
