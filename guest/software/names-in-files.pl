# Prints strings in files that fit a pattern, each once a file.
#
# Run in the root by its perl, as `perl -e`, by whoever looks for what programs load by name (named-libraries.ts).
# perl-base is essential.
#
# Arguments: a mark that no string begins with; a regular expression for bytes; files.
# Environment: nothing but PATH.
# Standard output: of each file a line of the mark and its path, then a line a string. What cannot be read has none.
# Exit codes: 0, whatever is in the files.
#
# Files are others', and may be of any size: they are read in parts, and not beyond the first 64 MiB.

use strict;
use Fcntl;
my ($mark, $pattern, @files) = @ARGV;
my ($part, $most, $overlap) = (1 << 20, 64 << 20, 512);
for my $file (@files) {
    print "$mark$file\n";
    # One that has become a pipe meanwhile would have us wait.
    sysopen(my $in, $file, O_RDONLY | O_NONBLOCK) or next;
    next unless -f $in;
    my ($kept, $read, %seen) = ('', 0);
    while ($read < $most && (my $bytes = sysread($in, my $more, $part))) {
        $read += $bytes;
        my $text = $kept . $more;
        $seen{$1} = 1 while $text =~ /($pattern)/go;
        $kept = substr($text, -$overlap) if length $text > $overlap;
    }
    print "$_\n" for sort keys %seen;
}
