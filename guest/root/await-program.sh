# shellcheck shell=dash
# Starts a long program, waits for it and writes down its exit code: also when the crossgrade that started it is dead.
#
# Run by the host's sh, outside the root, in a session of its own, as `sh -c` (programs.ts).
#
# Arguments: the file for the exit code, by its path on the host; the program and its words.
# Environment: CROSSGRADE_PROGRAM, the mark of a program of ours; CROSSGRADE_MASKED, a folder that goes when the
# program has ended, if it is set. The program has neither.
# Descriptors: 0, 1, 2 are the program's own; 3, dpkg's status, too; 4 keeps dpkg's frontend lock.
# Exit codes: nobody looks at them.
#
# On a live host this host's programs are replaced in the middle; so what follows the program needs no other program:
# where mv is broken, the plain write must do.
# It alone bears the mark of ours: daemons that maintainer scripts start are nothing that a resume has to wait for.
# Its descriptor 4 keeps the lock until dpkg has ended; the program, and daemons that it leaves, do not.
# What hid programs from it is gone with it: a daemon that a script has started keeps the PATH.
# A shutdown's SIGTERM is for the program, whose exit code we still want; a handler, unlike '', is not inherited.

trap : HUP INT QUIT TERM
unset CROSSGRADE_PROGRAM
umask 022
exit_file=$1
shift
masked=$CROSSGRADE_MASKED
unset CROSSGRADE_MASKED
"$@" 4>&-
code=$?
echo "$code" > "$exit_file.new" && sync "$exit_file.new"
mv -f "$exit_file.new" "$exit_file" || echo "$code" > "$exit_file"
sync "${exit_file%/*}"
[ -z "$masked" ] || rm -rf --one-file-system -- "$masked"
