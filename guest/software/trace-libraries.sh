# shellcheck shell=dash
# Says what the dynamic loader makes of files. Of the programs themselves nothing runs, but what a file names as an
# auditor of its loading does, and a file can have itself mapped over the loader: so the loader gets no more rights than
# who decides what is in the file.
#
# Run in the root as `sh -c`, by whoever looks around there (trace-libraries.ts); what it starts, as somebody else.
#
# Arguments: a mark that no line of the loader's begins with; a folder of ours; `UID:GID`, or nothing for who runs this;
# the loader; files.
# Environment: nothing but PATH.
# Standard output: of each file that could be looked at a line of the mark and its number, from 0, then what the loader
# says. See ld.so(8), LD_TRACE_LOADED_OBJECTS.
# Exit codes: 0, whatever the loader thinks of the files.

mark=$1 said=$2/said owner=$3 loader=$4
shift 4

number=0 patience=5
if [ -z "$owner" ]; then
  for file; do
    printf '%s%s\n' "$mark" "$number"
    LD_TRACE_LOADED_OBJECTS=1 LD_PRELOAD='' "$loader" "$file" 2>&1
    number=$((number + 1))
  done
  exit 0
fi

# No variable for the loader reaches the programs that lead to it. Not into our pipe: what stays behind would keep it open.
# shellcheck disable=SC2016 # It is the inner shell's.
inner='[ -r "$2" ] || exit 1; LD_TRACE_LOADED_OBJECTS=1 LD_PRELOAD="" "$1" "$2"; exit 0'
ask() {
  (
    ulimit -f 256
    exec timeout --kill-after=1 5 setpriv --reuid="${owner%:*}" --regid="${owner#*:}" --clear-groups --no-new-privs -- \
      sh -c "$inner" sh "$loader" "$1" >"$said" 2>&1
  )
}

for file; do
  rm -f "$said"
  if [ "$patience" -gt 0 ]; then
    ask "$file" && code=0 || code=$?
    case $code in
      0)
        printf '%s%s\n' "$mark" "$number"
        grep -a -v -e "^$mark" "$said"
        ;;
      124 | 137) patience=$((patience - 1)) ;;
    esac
  fi
  number=$((number + 1))
done
rm -f "$said"
:
