# shellcheck shell=dash
# Gives the folder of an export to the owner of a cluster. What may lead elsewhere stays as it is.
#
# Run in the root, as root, where nobody else can exchange the folder, as `sh -ec` (carry-postgresql.ts).
#
# Arguments: the folder; owner and group as numbers, UID:GID. Environment: nothing but PATH.
# Exit codes: 0; another one where it failed.

find "$1" -depth \( -type d -o -type f -links 1 \) -exec chown --no-dereference "$2" {} +
