# Takes dpkg's frontend lock with fcntl(2), which Node has not, and holds it until the last writer of its input is gone.
#
# Run by the host's perl, as root, in a session of its own (frontend-lock.ts), as `perl -e`. perl-base is
# essential, and a perl that runs is not touched by its replacement.
#
# Arguments: the lock file, by its path on the host; the name by which ps, apt and dpkg know the holder.
# Standard input: nothing is ever written to it.
# Standard output: `held` or `busy`. Environment: none.
# Exit codes: 0 when it was busy or is let go; another one, with a word on standard error, where there is no such lock.
#
# Fcntl knows the numbers of this architecture; the zeros behind the two first fields of the lock are the whole file,
# whatever the sizes of these fields are.

use Fcntl;
my ($path, $name) = @ARGV;
$0 = $name;
$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM);
$| = 1;
sysopen(my $file, $path, O_RDWR | O_CREAT, 0640) or die "$!\n";
my $lock = pack('ss', F_WRLCK, 0) . "\0" x 60;
if (!fcntl($file, F_SETLK, $lock)) { print "busy\n"; exit }
print "held\n";
my $ignored;
1 while sysread(STDIN, $ignored, 64);
