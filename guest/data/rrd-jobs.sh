# shellcheck shell=dash
# Says what runs, of which service each program is, and which of them have rrdtool's library in memory.
#
# Run in the root, as root, as `sh -c` (carry-rrd.ts).
#
# Arguments: none. Environment: nothing but PATH.
# Standard output: `/proc/PID/cgroup:…`, `/proc/PID/comm:…`, and the path of each map that names the library; see
# `readJobs`. A program that ends meanwhile is in some of them.
# Exit codes: nobody looks at them.

grep -H . /proc/[0-9]*/cgroup /proc/[0-9]*/comm 2>/dev/null
grep -l librrd /proc/[0-9]*/maps 2>/dev/null
