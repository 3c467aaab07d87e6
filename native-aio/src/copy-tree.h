// A file, a link or a tree on its way to where nothing is yet, a tree by several threads, also where it is a single folder
// of many files. The first error ends it, and names its call and its paths as Node does: in one folder that of the entry
// that comes first. That the target is free is up to whoever starts it.
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
  /** The first failure; the rest is under the lock. */
  int error;
  /** Where it was, if at a file or a link in a folder: its entry. */
  const struct copied *failed_in;
  size_t failed_entry;
  const char *failed_call;
  char failed_path[PATH_BYTES], failed_dest[PATH_BYTES];
};

struct copied;

/** Of folders: they are made after what else is in the folder above. */
#define NO_ENTRY SIZE_MAX

/** One thing to copy: where it is and where it goes. */
struct pair {
  int from, to;
  const char *from_name, *to_name;
  /** The folder that it is in; NULL: it is the root. */
  const struct copied *in;
  /** Its number there. */
  size_t entry;
};

/** False: it has failed, which `copy` notes. */
bool copy_one_file(struct copy *, const struct pair *);
bool copy_link(struct copy *, const struct pair *);
void copy_folder(struct copy *, const struct pair *,
                 const struct tree_folder *source);
