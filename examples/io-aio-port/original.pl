#!/usr/bin/perl
# How large a tree is, with IO::AIO: folders are scanned, and what is in them is looked at four at a time.
use strict;
use warnings;
use IO::AIO 2;

my ($root) = @ARGV;
my ($folders, $files, $bytes) = (0, 0, 0);

sub walk {
   my ($path, $parent) = @_;
   my $group = IO::AIO::aio_group;
   $parent->add($group) if $parent;
   $group->add(IO::AIO::aio_scandir $path, 0, sub {
      my ($dirs, $others) = @_ or return;
      $folders++;
      walk("$path/$_", $group) for @$dirs;
      my $stats = IO::AIO::aio_group;
      $group->add($stats);
      limit $stats 4;
      feed $stats sub {
         defined(my $name = shift @$others) or return;
         IO::AIO::aioreq_pri 1;
         $stats->add(IO::AIO::aio_lstat "$path/$name", sub {
            return if $_[0];
            $files++;
            $bytes += -s _ if -f _;
         });
      };
   });
}

walk($root);
IO::AIO::flush;
print "$folders folders, $files files, $bytes bytes\n";
