# Works through one folder of RRD files with few rrdtools: to start one for each file takes longer than the rest.
#
# Run by root in the root, in the folder of the export (carry-rrd.ts), as `perl -e`, with what perl-base has.
#
# Standard input: the paths of the files, ended by zero bytes. They are called by number, so that rrdtool need not
# understand their names.
# Arguments: BYTES MODE [SUFFIX [NUMBER…]]; BYTES: of the RRD files that are unpacked at a time. MODE is one of
#   dump SUFFIX NUMBER…  writes NUMBER.xml.gz, and the stamp of each file (size, time, owner, sum); without numbers, of
#                        all of them
#   stamps               prints that of each file, and whether it is as it was then
#   restore SUFFIX       makes files anew, compares what rrdtool says of them with the export, and puts them in the place
#                        of the old ones, which keep their content under another name
# Standard output: what is to be said of single files: a word, the number and why, between tabs, ended by a zero byte.
# Environment: nothing but PATH.
# Exit codes: 0; another one where nothing can be said, as with a full disk; why is on standard error.
#
# It works as root in folders of others, who may exchange whatever is in them at any moment. So a folder is entered from
# `/` on without following a symlink, and held open; in it only names are used. A new file is made where nothing is, and
# gets owner and mode while it is open. What others wrote is read by an rrdtool that runs as the owner, on a copy, in a
# folder that is the owner's for so long and no longer.

use strict; use warnings; use Fcntl qw(:DEFAULT :mode); use IO::Handle; use POSIX ();
my ($slice_bytes, $mode, $suffix, @numbers) = @ARGV;
my ($fresh, $nogroup) = ('.crossgrade-new', 65534);
umask 077;
$SIG{PIPE} = 'IGNORE';
my @paths = do { local $/ = "\0"; map { chomp; $_ } <STDIN> };
sysopen(my $home, '.', O_RDONLY | O_DIRECTORY) or die "the folder of the export: $!\n";

# To be died with: it is about one file, and no reason to leave the others.
sub of_one { return { word => $_[0], why => $_[1] } }
sub tell_of { my ($word, $i, $why) = @_; print join("\t", $word, $i, $why), "\0" }
sub attempt {
  my ($i, $work) = @_;
  return 1 if eval { $work->($paths[$i]); 1 };
  ref $@ or die $@;
  tell_of($@->{word}, $i, $@->{why});
  return 0;
}

sub inside {
  my ($folder, $work) = @_;
  my $well = eval { chdir $folder or die "a folder: $!\n"; $work->(); 1 };
  my $error = $@;
  chdir $home or die "the folder of the export: $!\n";
  die $error if !$well;
}
sub not_there { return $!{ENOENT} ? of_one('gone', 'it is not there any more') : of_one('left', "$_[0]: $!") }
# A full disk is no matter of one file, and is over some time.
sub not_done { return $!{ENOSPC} || $!{EDQUOT} ? "$_[0]: $!\n" : of_one('left', "$_[0]: $!") }
# Calls $work with the name, in the folder of the path, which it gets as well.
sub within {
  my ($path, $work) = @_;
  my (undef, @folders) = split m{/}, $path, -1;
  my $name = pop @folders;
  sysopen(my $folder, '/', O_RDONLY | O_DIRECTORY) or die "/: $!\n";
  for (@folders) {
    my $next;
    inside($folder, sub { sysopen($next, $_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or die not_there($_) });
    $folder = $next;
  }
  inside($folder, sub { $work->($name, $folder) });
}
sub plain {
  my ($name) = @_;
  my @stat = lstat $name or die not_there($name);
  S_ISREG($stat[2]) or die of_one('left', 'it is no plain file any more');
  return @stat;
}
sub copy {
  my ($in, $out) = @_;
  while (1) {
    my $count = sysread($in, my $piece, 1 << 20) // die of_one('left', "it cannot be read: $!");
    return if $count == 0;
    my $written = syswrite($out, $piece) // die "$!\n";
    $written == $count or die "No space left on device\n";
  }
}

sub content { my ($file) = @_; open(my $in, '<', $file) or return ''; local $/; binmode $in; my $all = <$in>; return $all // '' }
sub run { system(@_) == 0 or die "$_[0] failed\n" }

# rrdtool writes by mmap, which changes no time on tmpfs; but each time the head of the file.
sub sum_of {
  my ($path) = @_;
  my $sum = '';
  my $well = eval {
    within($path, sub {
      sysopen(my $in, $_[0], O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or return;
      my $head = '';
      $sum = unpack('%32V*', $head) if -f $in && sysread($in, $head, 1 << 16);
    });
    1;
  };
  $well || ref $@ or die $@;
  return $sum;
}
# Size, time, owner and sum; the time as precise as the filesystem is, which Perl's own words are not.
sub stamps {
  my %stamps;
  my @stat = ('sh', '-c', 'exec stat --printf="%s %.9Y %u %n\0" -- "$@" 2>/dev/null', 'sh');
  open(my $out, '-|', @stat, @_) or die "stat: $!\n";
  local $/ = "\0";
  while (<$out>) { chomp; $stamps{$2} = $1 if /^(\S+ \S+ \d+) (.*)$/s }
  close $out;
  return map { defined $stamps{$_} ? "$stamps{$_} " . sum_of($_) : '' } @_;
}
my %seen = map { my ($i, $stamp) = split / /, $_, 2; ($i => $stamp) } split /\n/, content('seen');

my $largest = 0;
# What is unpacked at a time takes twenty times the space of the files that it is about; and it is one owner's.
sub slices {
  my (@slices, $owner); my $left = 0;
  for my $i (@_) {
    my ($size, undef, $uid) = split / /, $seen{$i};
    if (!@slices || $left < $size || $uid != $owner) { push @slices, [$uid]; ($owner, $left) = ($uid, $slice_bytes) }
    push @{$slices[-1]}, $i;
    $left -= $size;
    $largest = $size if $size > $largest;
  }
  return @slices;
}

sub fresh_work { run('rm', '-rf', '--', 'work'); mkdir 'work', 0700 or die "work: $!\n" }
sub lend { my ($uid, @names) = @_; chown($uid, $nogroup, (map { "work/$_" } @names), 'work') == @names + 1 or die "work: $!\n" }
sub take_back { chown(0, 0, 'work') or die "work: $!\n" }
sub rrdtool {
  my ($uid, @words) = @_;
  # In blocks of 512 bytes: what comes of a damaged file has no end.
  my $limit = 2048 + int($largest / 5);
  my @owner = $uid == 0 ? () : ('setpriv', "--reuid=$uid", "--regid=$nogroup", '--clear-groups', '--');
  return ('sh', '-c', 'ulimit -f "$1" && shift && cd work && exec "$@" >../rrdtool.log 2>&1', 'sh', $limit, @owner, 'rrdtool', @words);
}
sub many {
  my ($uid, @commands) = @_;
  open(my $pipe, '|-', rrdtool($uid, '-')) or die "rrdtool: $!\n";
  print $pipe map { "$_\n" } @commands, 'quit';
  close $pipe;
  take_back();
}
# @returns what rrdtool says against a file; and whether it said so, or came to its end in the middle
sub alone {
  my ($i, $uid, @words) = @_;
  system(rrdtool($uid, @words));
  my $status = $?;
  take_back();
  return if $status == 0;
  return ('rrdtool was ended by signal ' . ($status & 127), 0) if $status & 127;
  my ($line) = content('rrdtool.log') =~ /^ERROR: (.*)$/m or die "$paths[$i]: rrdtool ended with exit code " . ($status >> 8) . "\n";
  die "$paths[$i]: $line\n" if $line =~ /No space left|quota|memory|alloc|too many open|input.output error/i;
  return ($line, 1);
}
# From the folder that was lent: a file that was made there, and complete.
sub take {
  my ($name) = @_;
  my @stat = lstat "work/$name" or return 0;
  return 0 if !S_ISREG($stat[2]) || $stat[3] != 1 || $stat[7] == 0;
  return 0 if $name !~ /\.new$/ && !is_complete("work/$name");
  rename("work/$name", $name) && chown(0, 0, $name) or die "$name: $!\n";
  return 1;
}
sub is_complete {
  open(my $in, '<', $_[0]) or return 0;
  binmode $in; seek($in, -64, 2); local $/;
  return (<$in> // '') =~ m{</rrd>\s*\z};
}

# A copy for rrdtool, of a file whose place a new one can take.
sub fetch {
  my ($i, $uid) = @_;
  return attempt($i, sub {
    sysopen(my $out, "work/$i.rrd", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) or die "work: $!\n";
    within($_[0], sub {
      my ($name) = @_;
      plain($name);
      sysopen(my $in, $name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or die not_there($name);
      my @stat = stat $in;
      S_ISREG($stat[2]) && $stat[4] == $uid or die of_one('left', 'it is exchanged while it is read');
      POSIX::access('.', POSIX::W_OK()) && POSIX::access($name, POSIX::W_OK()) or die of_one('left', "it cannot be replaced: $!");
      lstat "$name$suffix" and die of_one('left', "$name$suffix is there already");
      copy($in, $out);
    });
  });
}
sub dump_slice {
  my ($uid, @slice) = @_;
  fresh_work();
  my @ready = grep { fetch($_, $uid) } @slice;
  lend($uid, map { "$_.rrd" } @ready);
  many($uid, map { "dump $_.rrd $_.xml" } @ready);
  my %taken = map { $_ => take("$_.xml") } @ready;
  # One file that ends rrdtool takes the rest with it: each has to speak for itself.
  for my $i (grep { !$taken{$_} } @ready) {
    fresh_work();
    fetch($i, $uid) or next;
    lend($uid, "$i.rrd");
    my ($why, $is_said) = alone($i, $uid, 'dump', "$i.rrd", "$i.xml");
    if (!defined $why) { ($taken{$i} = take("$i.xml")) or die "$paths[$i]: rrdtool did not write all of it\n" }
    elsif ($is_said) { tell_of('bad', $i, $why) }
    else { die "$paths[$i]: $why\n" }
  }
  my @taken = grep { $taken{$_} } sort { $a <=> $b } keys %taken;
  run('gzip', '-1', '--force', '--', map { "$_.xml" } @taken) if @taken;
}

# No copies: the XML takes most of the space. Who writes to it changes what is his.
sub lend_xml {
  my ($uid, @numbers) = @_;
  for (@numbers) { link("$_.xml", "work/$_.xml") or die "work: $!\n" }
  lend($uid, map { "$_.xml" } @numbers);
}
# A 32-bit rrdtool writes one digit less, and another one reads it back with a zero for it.
sub comparable { my $text = content($_[0]); $text =~ s/(\d\.\d*?)0+e/$1e/g; return $text }
sub remake {
  my ($i, $uid) = @_;
  fresh_work();
  lend_xml($uid, $i);
  my ($why) = alone($i, $uid, 'restore', '-f', "$i.xml", "$i.new");
  if (!defined $why) { lend($uid); ($why) = alone($i, $uid, 'dump', "$i.new", "$i.after") }
  die of_one('bad', $why) if defined $why;
  take("$i.new") && take("$i.after") or die "$paths[$i]: rrdtool did not write all of it\n";
}
my @beside;
sub write_beside {
  my ($i) = @_;
  open(my $in, '<', "$i.new") or die "$i.new: $!\n";
  within($paths[$i], sub {
    my ($name, $folder) = @_;
    my @stat = plain(lstat $name ? $name : "$name$suffix");
    $stat[4] == (split / /, $seen{$i})[2] or die of_one('left', 'it belongs to another user than before');
    unlink "$name$fresh";
    sysopen(my $out, "$name$fresh", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) or die not_done("$name$fresh");
    push @beside, { i => $i, name => $name, folder => $folder, out => $out };
    copy($in, $out);
    chown($stat[4], $stat[5], $out) || (stat $out)[4] == $stat[4] or die not_done("$name$fresh");
    # Nobody's file of data needs more than these.
    chmod $stat[2] & 0777, $out;
    utime $stat[8], $stat[9], $out;
    $beside[-1]{ready} = 1;
  });
}
sub exchange {
  my ($name, $out) = @_;
  my @new = lstat "$name$fresh";
  @new && $new[1] == (stat $out)[1] or die of_one('left', "$name$fresh is exchanged by somebody");
  if (!link($name, "$name$suffix")) {
    my $why = not_done("$name$suffix");
    my ($now, $aside) = ([lstat $name], [lstat "$name$suffix"]);
    # Where there is an aside already it is this file, from an attempt that was cut off; or nothing is in its place.
    if (@$aside) { !@$now || $$now[1] == $$aside[1] or die $why }
    # A filesystem without hard links: then there is no file for a moment.
    else { ref $why && rename($name, "$name$suffix") or die $why }
  }
  rename("$name$fresh", $name) or die not_done($name);
}
sub restore_slice {
  my ($uid, @slice) = @_;
  run('gzip', '--decompress', '--keep', '--force', '--', map { "$_.xml.gz" } @slice);
  fresh_work();
  lend_xml($uid, @slice);
  many($uid, (map { "restore -f $_.xml $_.new" } @slice), (map { "dump $_.new $_.after" } @slice));
  my %made = map { $_ => take("$_.new") && take("$_.after") } @slice;
  for my $i (@slice) {
    attempt($i, sub {
      remake($i, $uid) if !$made{$i};
      comparable("$i.xml") eq comparable("$i.after") or die of_one('bad', 'its content is not what it was');
      write_beside($i);
    });
  }
  unlink map { ("$_.xml", "$_.new", "$_.after") } @slice;
}

if ($mode eq 'dump') {
  @numbers = 0 .. $#paths if !@numbers;
  delete @seen{@numbers};
  unlink map { "$_.xml.gz" } @numbers;
  my @stamps = stamps(@paths[@numbers]);
  for (@numbers) { my $stamp = shift @stamps; if ($stamp eq '') { tell_of('gone', $_, '') } else { $seen{$_} = $stamp } }
  dump_slice(@$_) for slices(grep { exists $seen{$_} } @numbers);
  open(my $out, '>', 'seen') or die "seen: $!\n";
  print $out map { "$_ $seen{$_}\n" } sort { $a <=> $b } keys %seen;
  close($out) or die "seen: $!\n";
} elsif ($mode eq 'stamps') {
  my @stamps = stamps(@paths);
  for (0 .. $#paths) { tell_of(($seen{$_} // '') eq $stamps[$_] ? 'as-exported' : 'changed', $_, $stamps[$_]) }
} else {
  my (@todo, %stamps);
  @stamps{0 .. $#paths} = stamps(@paths);
  for my $i (grep { -e "$_.xml.gz" } 0 .. $#paths) {
    attempt($i, sub {
      within($_[0], sub {
        my ($name) = @_;
        my ($now, $aside) = ([lstat $name], [lstat "$name$suffix"]);
        # Done by an earlier attempt.
        return if @$aside && @$now && $$aside[1] != $$now[1];
        plain($name) if !@$aside;
        push @todo, $i;
        tell_of('changed', $i, '') if @$now && $seen{$i} ne $stamps{$i};
      });
    });
  }
  my $well = eval {
    restore_slice(@$_) for slices(@todo);
    # A power cut must not leave an empty file in the place of a full one.
    for (@beside) { $$_{out}->sync or die "$paths[$$_{i}]$fresh: $!\n" if $$_{ready} }
    for my $one (grep { $$_{ready} } @beside) {
      $$one{done} = attempt($$one{i}, sub { inside($$one{folder}, sub { exchange($$one{name}, $$one{out}) }) });
    }
    1;
  };
  my $error = $@;
  for my $one (grep { !$$_{done} } @beside) { inside($$one{folder}, sub { unlink "$$one{name}$fresh" }) }
  unlink map { ("$_.xml", "$_.new", "$_.after") } 0 .. $#paths;
  die $error if !$well;
}
run('rm', '-rf', '--', 'work');
unlink 'rrdtool.log';
