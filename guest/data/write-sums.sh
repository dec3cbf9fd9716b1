# shellcheck shell=dash
# shellcheck disable=SC2094 # find leaves out the file that is written.
# Writes the sums of every file of an export, so that a damaged one is noticed before it is read.
#
# Run in the root, as root, in the folder of the export, as `sh -ec` (adapter.ts).
#
# Arguments: the name of the file for the sums. Environment: nothing but PATH.
# Exit codes: 0; another one where they could not be written.

find . -type f ! -name "$1" ! -name '*.log' -print0 | sort -z | xargs -0 -r sha256sum >"$1"
sync -f "$1"
