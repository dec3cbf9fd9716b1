# shellcheck shell=dash
# Unpacks some files of archives, each into a folder of the archive's name.
#
# Run in the root, as root, in the folder of the archives, as `sh -c` (shared-files.ts).
#
# Standard input: lines: the name of an archive, then the paths that are wanted of it, each with `.` before it.
# Arguments: the folder to unpack into. Environment: nothing but PATH.
# Exit codes: nobody looks at them: what is not there afterwards was not in the archive.

unpack() {
  [ "$#" -gt 0 ] || return
  mkdir "$folder/$archive"
  # A path that only the installed build has is not in the archive: tar's complaint about it is no error.
  dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$folder/$archive" "$@" || :
}
folder=$1
shift
while IFS= read -r line; do
  case $line in
  ./*) set -- "$@" "$line" ;;
  *) unpack "$@"; set --; archive=$line ;;
  esac
done
unpack "$@"
