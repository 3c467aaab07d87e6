# Steps that make files and look at them, by Perl's own calls: what is there before a scenario's requests, and what
# they have left.
package files;
use strict;
use warnings;
use Fcntl ();
use File::Path ();
use POSIX ();
use Socket ();
use looks ();
use state qw(log_entry path normal constant);

# Far above what either side opens by itself.
my $bad_fd = 900;

sub steps { +{
   file => sub {
      my ($step) = @_;
      my $path = path($step->{path});
      open my $fh, ">", $path or die "$path: $!";
      syswrite $fh, $step->{text} // looks::pattern($step->{size} // 0);
      close $fh;
      chmod $step->{mode}, $path if defined $step->{mode};
   },
   sparse => sub {
      my ($step) = @_;
      open my $fh, ">", path($step->{path}) or die;
      truncate $fh, $step->{size};
      for my $part (@{ $step->{parts} }) {
         sysseek $fh, $part->[0], 0;
         syswrite $fh, looks::pattern($part->[1]);
      }
   },
   dir     => sub { mkdir path($_[0]{path}), 0777 or die "mkdir: $!"; chmod $_[0]{mode} // 0755, path($_[0]{path}) },
   symlink => sub { symlink state::bytes($_[0]{target}), path($_[0]{path}) or die "symlink: $!" },
   link    => sub { link path($_[0]{from}), path($_[0]{path}) or die "link: $!" },
   fifo    => sub { POSIX::mkfifo(path($_[0]{path}), 0644) or die "fifo: $!" },
   socket  => sub {
      socket my $fh, Socket::AF_UNIX(), Socket::SOCK_STREAM(), 0;
      bind $fh, Socket::pack_sockaddr_un(path($_[0]{path})) or die "bind: $!";
   },
   rename => sub { rename path($_[0]{from}), path($_[0]{path}) or die "rename: $!" },
   remove => sub { File::Path::remove_tree(path($_[0]{path})) },
   times  => sub { utime $_[0]{atime}, $_[0]{mtime}, path($_[0]{path}) },
   cwd    => sub { chdir path($_[0]{path}) or die "chdir: $!" },
   umask  => sub { umask $_[0]{value} },
   fd     => sub {
      my ($step) = @_;
      sysopen my $fh, path($step->{path}), constant($step->{flags} // "O_RDWR") or die "open $step->{path}: $!";
      $state::handle{ $step->{id} } = $fh;
   },
   pipe => sub {
      pipe my $reader, my $writer;
      $state::handle{ $_[0]{reader} } = $reader;
      $state::handle{ $_[0]{writer} } = $writer;
   },
   badFd => sub {
      my $number = $bad_fd + keys %state::handle;
      open my $null, "+<", "/dev/null" or die;
      POSIX::dup2(fileno $null, $number);
      open my $fh, "+<&=", $number or die "badFd: $!";
      POSIX::close($number);
      $state::handle{ $_[0]{id} } = $fh;
   },
   shut     => sub { close delete $state::handle{ $_[0]{id} } },
   position => sub { log_entry({ position => sysseek($state::handle{ $_[0]{id} }, 0, 1) + 0, of => $_[0]{id} }) },
   content  => sub {
      my ($step) = @_;
      open my $fh, "<", path($step->{path}) or return log_entry({ content => undef, errno => $! + 0 });
      local $/;
      log_entry({ content => looks::data(scalar(<$fh>) // "") });
   },
   look => sub {
      my ($step) = @_;
      my @stat = lstat path($step->{path});
      log_entry({ look => @stat ? looks::from(\@stat, $step->{fields}, [IO::AIO::st_xtimensec()]) : undef });
   },
   tree  => sub { log_entry({ tree => tree(path($_[0]{path})) }) },
   fds   => sub {
      opendir my $dir, "/proc/self/fd";
      my $count = grep { (readlink("/proc/self/fd/$_") // "") =~ /^\Q$state::root\E/ } readdir $dir;
      log_entry({ fds => $count });
   },
} }

# { name: kind and size, or what a link says, or what is in a folder }
sub tree {
   my ($folder) = @_;
   opendir my $dir, $folder or return undef;
   my %out;
   for my $name (grep { !/^\.\.?$/ } readdir $dir) {
      my $path = "$folder/$name";
      my @stat = lstat $path;
      my $from = looks::from(\@stat);
      $out{$name} =
           $from->{kind} eq "dir"  ? tree($path)
         : $from->{kind} eq "link" ? "link " . normal(readlink $path)
         : $from->{kind} eq "file" ? "file $stat[7]"
         :                           $from->{kind};
   }
   \%out;
}

1;
