# shellcheck shell=dash
# Gives a virtualenv new copies of its interpreter.
#
# Run in the root, as the owner of its files, as `sh -ec` (keep-local-software.ts).
#
# Arguments: the Python that it is made of; the virtualenv; the copies of the interpreter that go.
# Environment: nothing but PATH.
# Exit codes: 0; another one where it failed.

base=$1 venv=$2
shift 2
rm -f -- "$@"
"$base" -m venv --upgrade --copies "$venv"
