# What a scenario has made so far on the Perl side: its folder, handles, working directories, requests by
# name, and the log that is compared. Knows nothing of steps.
package state;
use strict;
use B ();
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(log_entry fail path argument normal constant);

our ($name, $root, $base, $other, $log, $nready) = ("", "", "", "", [], 0);
our (%handle, %wd, %request, %memory);

sub begin {
   ($name, $root, $base, $other) = @_;
   $log = [];
   end();
}

sub end {
   no warnings;    # a handle that was closed behind its back says so
   (%handle, %wd, %request, %memory) = ();
}

sub log_entry { push @$log, $_[0] }
sub fail { push @$log, { broken => "$_[0]" } }

# "a/b" is below the scenario's folder; { raw } is as it stands; { other } is on another file system;
# { wd, path } goes by a working directory.
sub path {
   my ($path) = @_;
   if (ref $path) {
      return outside($path->{other}) if exists $path->{other};
      return bytes($path->{raw})     if exists $path->{raw};
      my $wd = $path->{wd} eq "CWD" ? IO::AIO::CWD() : $path->{wd} eq "INVALID" ? undef : $wd{ $path->{wd} };
      return $wd if !exists $path->{path} && defined $wd;
      return [$wd, bytes($path->{path} // ".")];
   }
   $path eq "" ? $root : "$root/" . bytes($path);
}

sub outside { my ($tail) = $root =~ m{([^/]+)$}; "$other/$tail-" . bytes($_[0]) }

sub bytes {
   my ($text) = @_;
   $text =~ s/\$ROOT/$root/g;
   utf8::encode($text);
   $text;
}

# A path, a handle, names of constants, a text that is data, or a number.
sub argument {
   my ($value) = @_;
   return path($value) if ref \$value eq "SCALAR" && defined $value && !is_number($value);
   return $value if !ref $value;
   return $handle{ $value->{fd} } // die "no handle $value->{fd}" if exists $value->{fd};
   return constant($value->{flags}) if exists $value->{flags};
   return bytes($value->{text}) if exists $value->{text};
   return $value->{wide} + 0 if exists $value->{wide};
   path($value);
}

# What JSON had as a number and not as a text.
sub is_number { B::svref_2object(\$_[0])->FLAGS & (B::SVp_IOK() | B::SVp_NOK()) }

sub constant {
   my $bits = 0;
   for my $one (split /\|/, $_[0]) {
      my $get = IO::AIO->can($one) || Fcntl->can($one) or die "no constant $one";
      $bits |= $get->();
   }
   $bits;
}

# Text as it is compared: the places of this run out of it.
sub normal {
   my ($text) = @_;
   return undef if !defined $text;
   $text =~ s/\Q$root\E/\$ROOT/g;
   $text =~ s/\Q$base\E/\$BASE/g;
   "$text";
}

1;
