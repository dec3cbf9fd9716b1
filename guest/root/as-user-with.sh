# shellcheck shell=dash
# Opens files of root's, and starts an owner's program that gets them as descriptors: it needs no way to them.
#
# Run in the root, as root, as `sh -c` (others-folder.ts).
#
# Arguments: its standard input; its standard output, which is made anew; what it gets as descriptor 9; each may be
# empty; then the program, with the change to the owner before it, and its words.
# Environment: the program's.
# Exit codes: those of the program; or what the shell says when a file cannot be opened.

umask 077
file=$1 output=$2 lent=$3
shift 3
[ -z "$file" ] || exec <"$file"
[ -z "$output" ] || exec >"$output"
[ -z "$lent" ] || exec 9<"$lent"
"$@"
code=$?
[ -z "$output" ] || sync "$output"
exit $code
