#!/usr/bin/perl
# The scenarios of this folder run through IO::AIO, that is libeio with a Perl face. Reads
# { scenarios: [...], folder, other } as JSON on stdin; writes { version, kernel, outcomes } on stdout. What
# a step means is said in scenario.ts; interpreter.ts does the same over our own door.
use strict;
use warnings;
no warnings qw(void uninitialized);
use Cwd ();
use Fcntl ();
use FindBin ();
use IO::AIO 4;
use JSON::PP ();
use POSIX ();
use Time::HiRes ();
use lib $FindBin::Bin;
use files ();
use requests ();
use state qw(log_entry fail);

my $json  = JSON::PP->new->utf8->canonical->allow_nonref;
my $input = do { local $/; $json->decode(scalar <STDIN>) };
my $steps = steps();
my %outcomes;
my $number = 0;
# At once, also out of a wait in C.
POSIX::sigaction(POSIX::SIGALRM(), POSIX::SigAction->new(sub {
   print STDERR "a scenario hangs: $state::name\n";
   POSIX::_exit(1);
}));

for my $scenario (@{ $input->{scenarios} }) {
   alarm 60;
   my $root = "$input->{folder}/p" . $number++;
   mkdir $root or die "$root: $!";
   state::begin($scenario->{name}, $root, $input->{folder}, $input->{other});
   IO::AIO::min_parallel 8;
   # It is lowered once for each worker that was made to leave.
   $state::nready = IO::AIO::nready();
   umask 022;
   chdir $root;
   for my $step (@{ $scenario->{steps} }) {
      next if eval { step($step); 1 };
      log_entry({ died => $step->{step}, why => "$@" =~ s/ at \S+ line \d+\.\n//r });
   }
   close_down();
   $outcomes{ $scenario->{name} } = $state::log;
}
alarm 0;
chdir "/";
my (undef, undef, $release) = POSIX::uname();
my $fstype = qx(stat -f -c %T \Q$input->{folder}\E);
chomp $fstype;
print $json->encode({
   version    => "$IO::AIO::VERSION",
   kernel     => $release,
   fileSystem => $fstype,
   user       => $> == 0 ? "root" : "user",
   outcomes   => \%outcomes,
});

sub step {
   my ($step) = @_;
   my $does = $steps->{ $step->{step} } or die "no step $step->{step}";
   $does->($step);
}

# Whatever a scenario left: settings, requests, descriptors.
sub close_down {
   IO::AIO::max_poll_reqs 0;
   IO::AIO::max_poll_time 0;
   IO::AIO::max_outstanding(1 << 30);
   IO::AIO::min_parallel 8;
   $_ && $_->cancel for grep { defined } values %state::request;
   IO::AIO::flush;
   state::end();
   # Working directories are closed by requests of their own.
   IO::AIO::flush;
}

sub submit {
   my ($step) = @_;
   my $id = $step->{id};
   my $then = sub { step($_) for @{ $step->{then} || [] } };
   my $request = eval {
      IO::AIO::aioreq_pri($step->{pri} // 0) if !$step->{keepPri};
      requests::submit($step, $then);
   };
   if (!defined $request) {
      log_entry({ threw => $id, why => "$@" =~ s/ at \S+ line \d+\.\n//r });
      return IO::AIO::aioreq_pri(0);
   }
   $state::request{$id} = $request;
   add($step->{in}, $id) if defined $step->{in};
}

sub add {
   my ($group, $id) = @_;
   eval { $state::request{$group}->add($state::request{$id}); 1 }
      or log_entry({ threw => "add", group => $group, id => $id });
}

# Waits for something that the workers do, without delivering anything.
sub until_true {
   my ($what, $is) = @_;
   for (1 .. 20_000) {
      return 1 if $is->();
      Time::HiRes::sleep 0.001;
   }
   fail("never: $what");
   0;
}

sub threads { opendir my $dir, "/proc/self/task" or die; scalar(grep { /^\d/ } readdir $dir) }

sub feeder {
   my ($step) = @_;
   my @left = @{ $step->{requests} };
   sub {
      log_entry({ fed => $step->{group}, left => scalar @left });
      for (1 .. $step->{batch} // 1) {
         my $request = shift @left or return;
         submit({ %$request, in => $step->{group} });
      }
   };
}

sub steps { +{
   %{ files::steps() },
   submit => \&submit,
   run    => sub { submit($_[0]); IO::AIO::flush },
   flush  => sub { IO::AIO::flush },
   poll   => sub { log_entry({ poll => IO::AIO::poll_cb() }) },
   pollAll => sub {
      my $calls = 0;
      while (IO::AIO::nreqs()) {
         IO::AIO::poll_wait;
         IO::AIO::poll_cb;
         last if ++$calls > 10_000;
      }
      log_entry({ drained => IO::AIO::nreqs() });
   },
   wait => sub { IO::AIO::poll_wait; log_entry({ waited => IO::AIO::npending() > 0 ? 1 : 0 }) },
   hold => sub {
      IO::AIO::max_parallel 0;
      until_true("workers gone", sub { threads() == 1 });
      $state::nready = IO::AIO::nready();
   },
   # A thread is started by submit and poll only: by poll_wait where nothing is to be delivered, by poll_cb
   # where the first request will block.
   release => sub {
      my ($step) = @_;
      IO::AIO::min_parallel($step->{workers} // 1);
      return if IO::AIO::npending();
      $step->{blocks} ? IO::AIO::poll_cb : IO::AIO::poll_wait;
   },
   ripen   => sub { my $n = $_[0]{count}; until_true("$n ripe", sub { IO::AIO::npending() >= $n }) },
   running => sub {
      my $queued = $_[0]{queued} // 0;
      until_true("running", sub { IO::AIO::nready() - $state::nready <= $queued });
   },
   cancel     => sub { my $r = $state::request{ $_[0]{id} }; $r->cancel if $r },
   cancelSubs => sub { $state::request{ $_[0]{id} }->cancel_subs },
   group      => sub {
      my ($step) = @_;
      IO::AIO::aioreq_pri($step->{pri} // 0);
      $state::request{ $step->{id} } = IO::AIO::aio_group sub {
         my $errno = $! + 0;
         log_entry({ cb => $step->{id}, result => [map { $_ + 0 } @_], errno => $errno });
         step($_) for @{ $step->{then} || [] };
      };
      add($step->{in}, $step->{id}) if defined $step->{in};
   },
   add    => sub { add($_[0]{group}, $_[0]{id}) },
   result => sub {
      my ($step) = @_;
      $! = $step->{errno} // 0;
      eval { $state::request{ $step->{group} }->result($step->{value}); 1 } or log_entry({ threw => "result" });
   },
   errno => sub { $state::request{ $_[0]{group} }->errno($_[0]{value}) },
   limit => sub { $state::request{ $_[0]{group} }->limit($_[0]{value}) },
   feed  => sub {
      my ($step) = @_;
      my $group = $state::request{ $step->{group} };
      $group->limit($step->{limit}) if defined $step->{limit};
      $group->feed(feeder($step));
   },
   unfeed => sub { $state::request{ $_[0]{group} }->feed },
   pri    => sub { log_entry({ pri => defined $_[0]{value} ? IO::AIO::aioreq_pri($_[0]{value}) : IO::AIO::aioreq_pri() }) },
   nice   => sub { IO::AIO::aioreq_nice($_[0]{value}) },
   set    => sub {
      my ($step) = @_;
      IO::AIO->can($step->{name})->($step->{value});
   },
   counts => sub {
      log_entry({ counts => [IO::AIO::nreqs(), IO::AIO::nready() - $state::nready, IO::AIO::npending()] });
   },
   nreqs => sub { log_entry({ nreqs => IO::AIO::nreqs() }) },
   readable => sub {
      my $bits = '';
      vec($bits, IO::AIO::poll_fileno(), 1) = 1;
      log_entry({ readable => (select($bits, undef, undef, 0) > 0 ? 1 : 0) });
   },
   spin => sub { my $end = Time::HiRes::time() + $_[0]{seconds}; 1 while Time::HiRes::time() < $end },
   let  => sub {
      my $path = state::path($_[0]{path});
      until_true("a reader at the gate", sub {
         sysopen my $fh, $path, Fcntl::O_WRONLY | Fcntl::O_NONBLOCK;
      });
   },
   mark => sub { log_entry({ mark => $_[0]{text} }) },
} }
