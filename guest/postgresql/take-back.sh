# shellcheck shell=dash
# Takes the folder of an export back from the owner of a cluster.
#
# Run in the root, as root, where nobody else can exchange the folder, as `sh -ec` (carry-postgresql.ts).
#
# Arguments: the folder. Environment: nothing but PATH.
# Standard output: what is in it and is no plain file, or is one elsewhere, too: one a line.
# Exit codes: 0; another one where it failed.

chown 0:0 "$1"
chmod 700 "$1"
find "$1" -mindepth 1 \( ! -type f -o -links +1 \) -print
