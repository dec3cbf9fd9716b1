# shellcheck shell=dash
# Makes a folder that is another user's. Until it is, nobody but root can enter it.
#
# Run in the root, as root, where nobody else can exchange the folder, as `sh -ec` (others-folder.ts).
#
# Arguments: the path; owner and group as numbers, UID:GID; the mode, in octal.
# Environment: nothing but PATH.
# Exit codes: 0; another one where it failed.

mkdir --mode=700 -- "$1"
chown -- "$2" "$1"
chmod -- "$3" "$1"
