// A file, a link or a tree on its way to where nothing is yet, a tree by several threads. The first error ends it, and
// names its call and its paths as Node does; that the target is free is up to whoever starts it.
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "folder-tree.h"

/** Bits of the `switches` operand: src/ops/copy-steps.ts has the same. */
enum {
  DEREFERENCE = 1,
  PRESERVE_TIMESTAMPS = 8,
  RECURSIVE = 16,
  VERBATIM_SYMLINKS = 32,
  TIMES_OF_FOLDERS = 64,
};

struct copy {
  const int32_t *words;
  unsigned switches, how;
  /** The root, for paths in errors and links: as path.join() puts them before names. */
  char from_base[PATH_BYTES + 1], to_base[PATH_BYTES + 1];
  pthread_mutex_t lock;
  /** The first failure. */
  int error;
  const char *failed_call;
  char failed_path[PATH_BYTES], failed_dest[PATH_BYTES];
};

struct copied;

/** One thing to copy: where it is and where it goes. */
struct pair {
  int from, to;
  const char *from_name, *to_name;
  /** The folder that it is in; NULL: it is the root. */
  const struct copied *in;
};

/** False: it has failed, which `copy` notes. */
bool copy_one_file(struct copy *, const struct pair *);
bool copy_link(struct copy *, const struct pair *);
void copy_folder(struct copy *, const struct pair *,
                 const struct tree_folder *source);
