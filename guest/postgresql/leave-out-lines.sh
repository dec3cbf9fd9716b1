# shellcheck shell=dash
# Leaves lines out of the file globals.sql. Names in it may be in any encoding: no text for a program of ours.
#
# Run in the root, as root, in the folder of the export, as `sh -ec` (carry-postgresql.ts).
#
# Arguments: `-e LINE`, once for each. Environment: LC_ALL=C.
# Exit codes: 0; another one where no line is left, or it could not be written.

grep --text --invert-match --line-regexp --fixed-strings "$@" globals.sql >globals.new
mv globals.new globals.sql
