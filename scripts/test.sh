#!/bin/bash
# The test command: bash scripts/test.sh [unit|integration|browser|packaging|faults|booted|vm|data|random|dpkg|sweep|arm]…   (default: unit integration)
#
# Needs Debian 12 or newer with Node 20, npm, apt and root rights; installs what else is missing.
# The last line is `N passed, N failed`, with `, N skipped` where some were.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

projects=("$@")
[ ${#projects[@]} = 0 ] && projects=(unit integration)
for project in "${projects[@]}"; do
  case $project in
    unit | integration | browser | packaging | faults | booted | vm | data | random | dpkg | sweep | arm) ;;
    *) die "There are no tests called $project. Choose from: unit integration browser packaging faults booted vm data random dpkg sweep arm" ;;
  esac
done

need_root_rights 'The test command' "npm test${*:+ -- $*}"
need_node
need_programs debootstrap:debootstrap flock:util-linux unshare:util-linux
if [[ " ${projects[*]} " == *' integration '* ]]; then need_programs ip:iproute2 nft:nftables iptables:iptables; fi
if [[ " ${projects[*]} " == *' browser '* ]]; then need_programs chromium:chromium; fi
if [[ " ${projects[*]} " == *' packaging '* ]]; then need_programs lintian:lintian; fi
if [[ " ${projects[*]} " == *' booted '* ]]; then
  need_programs systemd-nspawn:systemd-container slirp4netns:slirp4netns tmux:tmux ssh:openssh-client \
    setpriv:util-linux mkfs.btrfs:btrfs-progs
fi
if [[ " ${projects[*]} " == *' arm '* ]]; then
  need_programs qemu-arm-static:qemu-user-static
  # Where systemd does it at each start nothing is left to do; the packages bring the lines.
  binfmt=/proc/sys/fs/binfmt_misc
  [ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt
  for name in qemu-arm qemu-aarch64; do
    [ -e $binfmt/$name ] || printf %s "$(cat /usr/lib/binfmt.d/$name.conf)" >$binfmt/register
  done
fi
if [[ " ${projects[*]} " == *' vm '* ]]; then
  need_programs qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils mke2fs:e2fsprogs sfdisk:fdisk \
    ssh:openssh-client tmux:tmux setpriv:util-linux
fi
need_dependencies
cd "$top" || exit 1
export PATH="$top/node_modules/.bin:$PATH"

results=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$results"' EXIT
failed_checks=()

# check NAME FILE COMMAND…: only where it is configured.
check() {
  local name=$1 file=$2
  shift 2
  [ -e "$file" ] || return
  say "$name"
  "$@" || failed_checks+=("$name")
}

(build) || failed_checks+=(build)
if [[ " ${projects[*]} " == *' unit '* ]]; then
  check 'biome' biome.json biome check .
  check 'tsc' tsconfig.json tsc --noEmit
  check 'dependency-cruiser' .dependency-cruiser.cjs depcruise src steps
  check 'knip' knip.json knip
  check 'scripts' scripts/check-scripts.sh bash scripts/check-scripts.sh
fi

for project in "${projects[@]}"; do
  say "$project tests"
  vitest run --project "$project" --reporter=default --reporter=json --outputFile.json="$results/$project.json" ||
    touch "$results/$project.failed"
done

[ ${#failed_checks[@]} = 0 ] || say "These checks failed, and count as failed tests: ${failed_checks[*]}"
node - "$results" ${#failed_checks[@]} "${projects[@]}" <<'SUM'
const { existsSync, readFileSync } = require('node:fs');
const [folder, failedChecks, ...projects] = process.argv.slice(2);
const sum = { passed: 0, failed: Number(failedChecks), skipped: 0 };
for (const project of projects) {
  const file = `${folder}/${project}.json`;
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = result;
  sum.passed += numPassedTests;
  // A file that cannot even be loaded has no failed test, but vitest fails.
  sum.failed += numFailedTests || (existsSync(`${folder}/${project}.failed`) ? 1 : 0);
  sum.skipped += numPendingTests + numTodoTests;
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = sum.failed > 0 ? 1 : 0;
SUM
