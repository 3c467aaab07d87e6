#!/usr/bin/perl
# IO::AIO's side of bench/libeio.mjs: reads lines "case count", does that many of the case, 64 at once, and writes the
# seconds and the processor time that it took. What the cases are is said in ours.mjs, which does the same.
use strict;
use warnings;
use IO::AIO 4;
use Time::HiRes ();

use constant DEPTH => 64;
use constant { GROUP => 1000, FEED_LIMIT => 8, READ_BYTES => 4096 };
my ($folder) = @ARGV;
my $file = "$folder/file";
my $listed = "$folder/listed";
my $scratch = "$folder/theirs";
open my $fh, "<", $file or die "$file: $!";
my $flags = IO::AIO::READDIR_DENTS | IO::AIO::READDIR_DIRS_FIRST | IO::AIO::READDIR_STAT_ORDER;
my @buffers = ("") x DEPTH;
$| = 1;

my %submit = (
   nop      => sub { aio_nop $_[1] },
   stat     => sub { aio_stat $file, $_[1] },
   read     => sub { aio_read $fh, 0, READ_BYTES, $buffers[$_[0] % DEPTH], 0, $_[1] },
   load     => sub { my ($n, $cb) = @_; my $data; aio_load $file, $data, $cb },
   scandir  => sub { aio_scandir $listed, 0, $_[1] },
   readdirx => sub { aio_readdirx $listed, $flags, $_[1] },
   rmtree   => sub { aio_rmtree "$scratch/tree$_[0]", $_[1] },
   copy     => sub { aio_copy $file, "$scratch/copy" . ($_[0] % DEPTH), $_[1] },
);

sub wait_for { my ($done, $n) = @_; while ($$done < $n) { IO::AIO::poll_wait; IO::AIO::poll_cb } }

# So many at once; each that ends begins the next.
sub at_depth {
   my ($n, $submit) = @_;
   my ($begun, $done) = (0, 0);
   my $next; $next = sub {
      return if $begun >= $n;
      $submit->($begun++, sub { $done++; $next->() });
   };
   $next->() for 1 .. DEPTH;
   wait_for(\$done, $n);
   undef $next;
}

# Groups of 1,000 stats, one after the other.
sub in_groups {
   my ($n) = @_;
   for (1 .. $n / GROUP) {
      my $done = 0;
      my $grp = aio_group sub { $done = 1 };
      add $grp aio_stat $file, sub { } for 1 .. GROUP;
      wait_for(\$done, 1);
   }
}

sub fed {
   my ($n) = @_;
   my ($begun, $done) = (0, 0);
   my $grp = aio_group sub { $done = 1 };
   limit $grp FEED_LIMIT;
   feed $grp sub { add $grp aio_stat $file, sub { } if $begun++ < $n };
   wait_for(\$done, 1);
}

while (my $line = <STDIN>) {
   my ($case, $n) = split " ", $line;
   my @before = times;
   my $from = Time::HiRes::time();
   if ($case eq "groups") { in_groups($n) }
   elsif ($case eq "feed") { fed($n) }
   else { at_depth($n, $submit{$case}) }
   my $seconds = Time::HiRes::time() - $from;
   my @after = times;
   printf "%.6f %.6f\n", $seconds, $after[0] + $after[1] - $before[0] - $before[1];
}
