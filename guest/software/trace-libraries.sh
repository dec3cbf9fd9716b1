# shellcheck shell=dash
# Says what the dynamic loader makes of files; of the programs themselves nothing runs.
#
# Run in the root as `sh -c`, by whoever looks around there (dependent.ts).
#
# Arguments: a mark that no line of the loader's begins with; the loader; files.
# Environment: nothing but PATH.
# Standard output: of each file a line of the mark and its path, then what the loader says. See ld.so(8),
# LD_TRACE_LOADED_OBJECTS.
# Exit codes: 0, whatever the loader thinks of the files.

mark=$1 loader=$2
shift 2
for file; do
  printf '%s%s\n' "$mark" "$file"
  LD_TRACE_LOADED_OBJECTS=1 LD_PRELOAD='' "$loader" "$file" 2>&1
done
:
