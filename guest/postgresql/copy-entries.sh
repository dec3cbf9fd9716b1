# shellcheck shell=dash
# Copies configuration and certificates that an administrator keeps in a data directory into the new one. A key that is
# root's may be read by the group; one that is the server's own must not, or the server does not start: what was not the
# owner's before gets no rights for others.
#
# Run in the root, as the owner of the cluster, as `sh -c` (carry-postgresql.ts).
#
# Arguments: the old data directory; the new one; names of entries in the old one.
# Environment: nothing but PATH.
# Exit codes: that of cp; what it could not read, it says on standard error.

cd -- "$1" || exit 1
fresh=$2
shift 2
cp --archive --target-directory "$fresh" -- "$@"
code=$?
for entry; do find "./$entry" -type f ! -user "$(id -u)" -print0; done | (cd -- "$fresh" && xargs -0 -r chmod --silent go=)
exit $code
