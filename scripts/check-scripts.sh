#!/bin/bash
# Reads what is no TypeScript: the scripts in guest/, of the package, and of development: bash scripts/check-scripts.sh
#
# Nothing is run, and nothing written. Needs shellcheck, perl and python3; installs what is missing.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_programs shellcheck:shellcheck perl:perl python3:python3
cd "$top" || exit 1
shopt -s nullglob globstar
failed=0

shellcheck --external-sources guest/**/*.sh packaging/*.sh packaging/{post,pre}[ir]* scripts/*.sh bench/*.sh .ci/run ||
  failed=1

for script in guest/**/*.pl; do
  said=$(perl -c "$script" 2>&1) || {
    printf '%s\n' "$said" >&2
    failed=1
  }
done

caches=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$caches"' EXIT
PYTHONPYCACHEPREFIX=$caches python3 -m py_compile guest/**/*.py bench/*.py || failed=1

exit $failed
