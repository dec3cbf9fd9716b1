# Runs a program for a parent that ps(1) shows under a name.
#
# Run in the root by its perl, as `perl -e`, for etckeeper (commit-etc.ts): it looks with ps(1) who has called it, and
# writes that into the history. In a root in a folder the caller would be outside, without a number, and etckeeper ends.
#
# Arguments: the name; the program and its arguments. Environment: nothing but PATH.
# Exit codes: the program's; 255 where it cannot be started or was ended by a signal.

use strict;
$0 = shift;
my $status = system { $ARGV[0] } @ARGV;
exit($status == -1 || $status & 127 ? 255 : $status >> 8);
