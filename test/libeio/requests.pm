# One line per request: how IO::AIO is called for it, and what of its result is compared.
package requests;
use strict;
use warnings;
no warnings qw(void uninitialized);
use Fcntl ();
use IO::AIO 4;
use POSIX ();
use looks ();
use state qw(log_entry path argument normal constant);

# Requests that take path-like arguments as they are and return a status.
my %status = map { $_ => IO::AIO->can("aio_$_") || die $_ } qw(
   close seek sendfile readahead utime chown truncate allocate chmod unlink mknod link symlink rename rename2
   mkdir rmdir copy move rmtree fcntl sync fsync fdatasync syncfs sync_file_range pathsync mlockall nop busy
);

my %special = (
   open => sub {
      my ($step, $done, $path, $flags, $mode) = @_;
      IO::AIO::aio_open $path, $flags, $mode, sub {
         my ($fh) = @_;
         return $done->(-1) if !$fh;
         $state::handle{ $step->{id} } = $fh;
         $done->("fd");
      };
   },
   wd => sub {
      my ($step, $done, $path) = @_;
      IO::AIO::aio_wd $path, sub {
         $state::wd{ $step->{id} } = $_[0];
         $done->($_[0] ? "wd" : -1);
      };
   },
   read => sub {
      my ($step, $done, $fh, $offset, $length) = @_;
      my $data = "";
      IO::AIO::aio_read $fh, $offset, $length, $data, 0, sub {
         $done->($_[0], data => $_[0] >= 0 ? looks::data($data) : undef);
      };
   },
   write => sub {
      my ($step, $done, $fh, $offset, $text, $length) = @_;
      my $data = "$text";
      IO::AIO::aio_write $fh, $offset, $length, $data, 0, sub { $done->($_[0]) };
   },
   load => sub {
      my ($step, $done, $path) = @_;
      my $data;
      IO::AIO::aio_load $path, $data, sub {
         $done->($_[0], data => $_[0] >= 0 ? looks::data($data) : undef);
      };
   },
   slurp => sub {
      my ($step, $done, $path, $offset, $length) = @_;
      my $data = "";
      IO::AIO::aio_slurp $path, $offset, $length, $data, sub {
         $done->($_[0], data => $_[0] >= 0 ? looks::data($data) : undef);
      };
   },
   statvfs => sub {
      my ($step, $done, $what) = @_;
      IO::AIO::aio_statvfs $what, sub {
         my ($vfs) = @_;
         $done->($vfs ? 0 : -1, vfs => $vfs && { map { $_ => $vfs->{$_} + 0 } qw(bsize frsize files namemax flag) });
      };
   },
   readlink => sub { my ($step, $done, $path) = @_; IO::AIO::aio_readlink $path, text_or_fail($done) },
   realpath => sub { my ($step, $done, $path) = @_; IO::AIO::aio_realpath $path, text_or_fail($done) },
   readdir  => sub {
      my ($step, $done, $path) = @_;
      IO::AIO::aio_readdir $path, sub {
         my ($names) = @_;
         $done->($names ? scalar @$names : -1, names => $names && [sort @$names]);
      };
   },
   readdirx => sub {
      my ($step, $done, $path, $flags) = @_;
      IO::AIO::aio_readdirx $path, $flags, sub {
         my ($entries, $out) = @_;
         return $done->(-1) if !$entries;
         $done->(scalar @$entries, flags => $out, %{ looks::listing($entries, state::path($step->{args}[0]), $out) });
      };
   },
   scandir => sub {
      my ($step, $done, $path, $max) = @_;
      IO::AIO::aio_scandir $path, $max, sub {
         my ($dirs, $others) = @_;
         return $done->(-1) if !$dirs;
         $done->("listed", dirs => [sort @$dirs], others => [sort @$others]);
      };
   },
   fiemap => sub {
      my ($step, $done, $fh, $start, $length, $flags, $count) = @_;
      IO::AIO::aio_fiemap $fh, $start, $length, $flags, $count, sub {
         return $done->(-1) if !@_ || !defined $_[0];
         return $done->($_[0], counted => 1) if !ref $_[0];
         $done->(scalar @{ $_[0] }, extents => [map { [$_->[0] + 0, $_->[2] + 0, $_->[3] + 0] } @{ $_[0] }]);
      };
   },
   ioctl => sub {
      my ($step, $done, $fh, $request, $size) = @_;
      my $data = "\0" x $size;
      IO::AIO::aio_ioctl $fh, $request, $data, sub { $done->($_[0], data => $_[0] >= 0 ? looks::data($data) : undef) };
   },
   map({ my $name = $_; $name => sub { my ($step, $done, @args) = @_; memory($name, $step, $done, @args) } } qw(msync mtouch mlock)),
   map({
      my $call = IO::AIO->can("aio_$_");
      $_ => sub {
         my ($step, $done, $what) = @_;
         $call->($what, sub { $done->($_[0], $_[0] >= 0 ? (stat => looks::stat_fields($step->{fields})) : ()) });
      }
   } qw(stat lstat)),
);

sub submit {
   my ($step, $then) = @_;
   my @args = map { argument($_) } @{ $step->{args} || [] };
   my $name = $step->{request};
   my $done = sub {
      my ($result, %more) = @_;
      my $errno = $! + 0;
      $result = looks::plain($result);
      my %entry = (cb => $step->{id}, result => $result, %more);
      $entry{errno} = $errno if defined $result && $result eq "-1";
      delete @entry{ grep { !defined $entry{$_} } keys %entry };
      log_entry(\%entry);
      $then->();
   };
   return $special{$name}->($step, $done, @args) if $special{$name};
   my $call = $status{$name} or die "no request $name";
   $call->(@args, sub { $done->($name =~ /^(nop|busy)$/ ? 0 : $_[0]) });
}

sub text_or_fail {
   my ($done) = @_;
   sub { defined $_[0] ? $done->("text", text => normal($_[0])) : $done->(-1) };
}

# mtouch and its like work on a piece of memory of the scenario's own.
sub memory {
   my ($name, $step, $done, $size, @rest) = @_;
   $state::memory{ $step->{id} } = "x" x $size;
   my $cb = sub { $done->($_[0]) };
   my ($offset, $length, $flags) = @rest;
   return IO::AIO::aio_msync $state::memory{ $step->{id} }, $offset, $length, $flags, $cb  if $name eq "msync";
   return IO::AIO::aio_mtouch $state::memory{ $step->{id} }, $offset, $length, $flags, $cb if $name eq "mtouch";
   IO::AIO::aio_mlock $state::memory{ $step->{id} }, $offset, $length, $cb;
}

1;
