# Results and files in a form that can be compared between runs and machines: no inode numbers, no current times,
# no addresses; data that is long as its length and a sum.
package looks;
use strict;
use warnings;
use Fcntl qw(:mode);
use IO::AIO 4;
use state ();

my %kinds = (
   S_IFREG() => "file", S_IFDIR() => "dir", S_IFLNK() => "link", S_IFIFO() => "fifo", S_IFSOCK() => "socket",
   S_IFCHR() => "char", S_IFBLK() => "block",
);
my %types = (0 => "unknown", 1 => "fifo", 2 => "char", 4 => "dir", 6 => "block", 8 => "file", 10 => "link", 12 => "socket");
my $data_max = 64;
my $now_s    = 1000;

sub plain { my ($value) = @_; defined $value && $value =~ /^-?\d+$/ ? $value + 0 : $value }

sub data {
   my ($data) = @_;
   return $data if length $data <= $data_max;
   my $sum = 0;
   $sum = ($sum * 31 + ord substr $data, $_, 1) % 1_000_000_007 for 0 .. length($data) - 1;
   { bytes => length $data, sum => $sum };
}

# Bytes that differ from place to place.
sub pattern { join "", map { chr(97 + ($_ * 7 + int($_ / 4096)) % 26) } 0 .. $_[0] - 1 }

# Of the stat buffer that the last stat filled.
sub stat_fields {
   my ($fields) = @_;
   my @stat = stat _;
   my ($atime, $mtime) = IO::AIO::st_xtimensec();
   from(\@stat, $fields, [$atime, $mtime]);
}

sub from {
   my ($stat, $fields, $nanos) = @_;
   my $kind = $kinds{ S_IFMT($stat->[2]) } // "other";
   my %out = (kind => $kind, mode => sprintf("%o", $stat->[2] & 07777));
   @out{qw(size nlink)} = ($stat->[7] + 0, $stat->[3] + 0) if $kind ne "dir";
   delete $out{size} if $kind eq "link" || $kind eq "char" || $kind eq "block";
   for (@{ $fields || [] }) {
      $out{$_} = moment($stat->[8], $nanos->[0]) if $_ eq "atime";
      $out{$_} = moment($stat->[9], $nanos->[1]) if $_ eq "mtime";
      $out{$_} = $stat->[4] == $> ? "me" : $stat->[4]  if $_ eq "uid";
      $out{$_} = $stat->[5] == $) + 0 ? "mine" : $stat->[5] if $_ eq "gid";
      $out{$_} = $stat->[6] + 0  if $_ eq "rdev";
      $out{$_} = $stat->[12] + 0 if $_ eq "blocks";
   }
   \%out;
}

sub moment {
   my ($seconds, $nanos) = @_;
   return "now" if abs($seconds - time) < $now_s;
   sprintf "%d.%09d", $seconds, $nanos;
}

# Names sorted; of the order only what the flags promise.
sub listing {
   my ($entries, $path, $flags) = @_;
   my @names = map { ref $_ ? $_->[0] : $_ } @$entries;
   my $folder = ref $path ? undef : $path;
   my @kinds  = map { defined $folder && -d "$folder/$_" && !-l "$folder/$_" ? "d" : "o" } @names;
   my @inodes = map { defined $folder ? (lstat "$folder/$_")[1] : 0 } @names;
   my %out = (
      names       => [sort @names],
   );
   $out{inodesRise} = rises(@inodes) if ($flags & IO::AIO::READDIR_STAT_ORDER()) && !($flags & IO::AIO::READDIR_DIRS_FIRST());
   $out{dirsFirst} = join("", @kinds) =~ /od/ ? 0 : 1 if $flags & IO::AIO::READDIR_DIRS_FIRST();
   $out{partsRise} = rises(@inodes[grep { $kinds[$_] eq "d" } 0 .. $#names])
      && rises(@inodes[grep { $kinds[$_] eq "o" } 0 .. $#names]) ? 1 : 0
      if $flags & IO::AIO::READDIR_STAT_ORDER();
   if (grep { ref $_ } @$entries) {
      $out{types} = { map { $_->[0] => $types{ $_->[1] } // "type $_->[1]" } @$entries };
      $out{inodesRight} = (grep { $entries->[$_][2] != $inodes[$_] } 0 .. $#names) ? 0 : 1 if defined $folder;
   }
   \%out;
}

sub rises {
   for (1 .. $#_) { return 0 if $_[$_] < $_[ $_ - 1 ] }
   1;
}

1;
