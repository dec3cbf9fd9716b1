# shellcheck shell=dash
# Prints the md5sums of archives, in one go: starting a program for each would take longer than the work.
#
# Run in the root, as root, in the folder of the archives, as `sh -c` (shared-files.ts).
#
# Arguments: names of archives. Environment: nothing but PATH.
# Standard output: of each a line `archive NAME`, then the lines of its md5sums; none where it has no such file.
# Exit codes: nobody looks at them.

for archive; do
  echo "archive $archive"
  dpkg-deb --ctrl-tarfile "$archive" | tar -xO --no-anchored md5sums
done 2>/dev/null
