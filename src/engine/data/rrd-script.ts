import { rrdSliceBytes } from '../../core/data/space.ts';

/**
 * Perl, which every Debian has, works through one folder of RRD files with a single rrdtool: to start one for each file
 * takes longer than the rest. Paths come on its standard input, ended by zero bytes; the files are called by number, so
 * that rrdtool need not understand their names.
 *
 * `dump`: writes NUMBER.xml.gz, and the size and time of each file. Prints the paths that rrdtool cannot read.
 * `restore SUFFIX`: makes files anew, compares what rrdtool says of them with the export, and puts them in the place of
 * the old ones, which keep their content under another name. Prints paths and what is wrong with them.
 */
export const rrdScript = String.raw`
use strict; use warnings;
my ($mode, $suffix) = @ARGV;
umask 077;
my @paths = do { local $/ = "\0"; map { chomp; $_ } <STDIN> };
my %bad;

sub rrdtool {
  my ($log, @commands) = @_;
  open(my $pipe, '|-', "rrdtool - > $log 2>&1") or die "rrdtool: $!\n";
  print $pipe map { "$_\n" } @commands, 'quit';
  close($pipe);
}
sub content { my ($file) = @_; open(my $in, '<', $file) or return ''; local $/; binmode $in; my $all = <$in>; return $all // '' }
# A 32-bit rrdtool writes one digit less, and another one reads it back with a zero for it.
sub comparable { my $text = content($_[0]); $text =~ s/(\d\.\d*?)0+e/$1e/g; return $text }
# What is unpacked at a time takes twenty times the room of the files that it is about.
sub slices {
  my @slices; my $room = 0;
  for my $i (@_) {
    my $size = -s $paths[$i] || 0;
    if (!@slices || $room < $size) { push @slices, []; $room = ${rrdSliceBytes} }
    push @{$slices[-1]}, $i;
    $room -= $size;
  }
  return @slices;
}
sub complete { return content($_[0]) =~ m{</rrd>\s*\z} }
sub complaint { my ($log) = @_; my ($line) = content($log) =~ /^ERROR: (.*)$/m; return $line // 'rrdtool wrote nothing' }

if ($mode eq 'dump') {
  open(my $seen, '>', 'seen') or die "seen: $!\n";
  for my $slice (slices(0 .. $#paths)) {
    my @commands;
    for my $i (@$slice) {
      my @stat = stat $paths[$i];
      print $seen join(' ', $i, $stat[7] // 0, $stat[9] // 0), "\n";
      unlink "$i.rrd"; symlink $paths[$i], "$i.rrd" or die "$i.rrd: $!\n";
      push @commands, "dump $i.rrd $i.xml";
    }
    rrdtool('dump.log', @commands);
    for my $i (@$slice) {
      unlink "$i.rrd";
      next if complete("$i.xml");
      unlink "$i.xml";
      $bad{$i} = complaint('dump.log');
    }
    my @good = grep { !$bad{$_} } @$slice;
    if (@good) { system('gzip', '-1', '--force', '--', map { "$_.xml" } @good) == 0 or die "gzip failed\n" }
  }
  close($seen) or die "seen: $!\n";
} else {
  my %seen = map { my ($i, @rest) = split; ($i => "@rest") } split /\n/, content('seen');
  my @todo;
  for my $i (0 .. $#paths) {
    my ($now, $aside) = ([lstat $paths[$i]], [lstat "$paths[$i]$suffix"]);
    next if !-e "$i.xml.gz";
    # Done by an earlier attempt.
    next if @$aside && @$now && $$aside[1] != $$now[1];
    if (!@$now && !@$aside) { $bad{$i} = 'it is not there any more'; next }
    push @todo, $i;
  }
  my @written;
  for my $slice (slices(@todo)) {
    system('gzip', '--decompress', '--keep', '--force', '--', map { "$_.xml.gz" } @$slice) == 0 or die "gzip failed\n";
    rrdtool('restore.log', (map { "restore -f $_.xml $_.new" } @$slice), (map { "dump $_.new $_.after" } @$slice));
    for my $i (@$slice) {
      my $path = $paths[$i];
      if (!-s "$i.new") { $bad{$i} = complaint('restore.log'); next }
      if (comparable("$i.xml") ne comparable("$i.after")) { $bad{$i} = 'its content is not what it was'; next }
      my @stat = stat $path;
      my $fresh = "$path.crossgrade-new";
      open(my $out, '>', $fresh) or do { $bad{$i} = "$fresh: $!"; next };
      binmode $out;
      my $ok = print $out content("$i.new");
      if (!close($out) || !$ok) { $bad{$i} = "$fresh: $!"; unlink $fresh; next }
      chown $stat[4], $stat[5], $fresh;
      chmod $stat[2] & 07777, $fresh;
      utime $stat[8], $stat[9], $fresh;
      push @written, $i;
      print "changed\t$path\0" if ($seen{$i} // '') ne "$stat[7] $stat[9]";
    }
    unlink map { ("$_.xml", "$_.new", "$_.after") } @$slice;
  }
  # A power cut must not leave an empty file in the place of a full one.
  system('sync', '--', map { "$paths[$_].crossgrade-new" } @written) if @written;
  for my $i (@written) {
    my $path = $paths[$i];
    if (!link($path, "$path$suffix") && !-e "$path$suffix") { $bad{$i} = "$path$suffix: $!"; unlink "$path.crossgrade-new"; next }
    rename("$path.crossgrade-new", $path) or $bad{$i} = "$path: $!";
  }
  unlink map { ("$_.xml", "$_.new", "$_.after") } 0 .. $#paths;
}
print "bad\t$paths[$_]\t$bad{$_}\0" for sort { $a <=> $b } keys %bad;
`;
