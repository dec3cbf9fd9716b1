# shellcheck shell=dash
# Prints a sum of an LDIF file: the same for the same entries, in whatever order, and however their lines are folded.
#
# Run in the root, as root, as `sh -ec` (carry-slapd.ts).
#
# Arguments: the file. Environment: nothing but PATH.
# Exit codes: 0; another one where the file cannot be read.

awk 'BEGIN { RS = "" } { gsub(/\n /, ""); gsub(/\n/, "\035"); print }' "$1" | LC_ALL=C sort | sha256sum
