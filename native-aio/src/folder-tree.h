// A folder with everything below it, read by several threads: for recursive readdir, and for whoever wants to know a tree
// before changing anything. Reading changes nothing, so all that goes wrong is left to JavaScript, which finds it again
// and says so as Node does.
#pragma once

#include <stdbool.h>

#include "listing.h"
#include "slot.h"
#include "work-list.h"

/** The `recursion` operand: the order of Node's two forms. */
enum { TREE_DEPTH_FIRST = 1, TREE_BREADTH_FIRST = 2 };

struct tree_folder {
  struct work_item item;
  struct listing list;
  /** The folders in it, in the order of its entries. */
  struct tree_folder *first, *last;
  struct tree_folder *sibling;
  /** The next one of the whole tree. */
  struct tree_folder *after;
  /** Of the root as it was given, of others as path.join() makes it. */
  char path[];
};

struct tree {
  const int32_t *words;
  bool follows_links;
  /** False: such an entry (enum entry_type) leaves the tree to JavaScript. */
  bool (*takes)(int type);
  struct tree_folder *root;
  /** Of the root, as paths below it begin. */
  char base[PATH_BYTES + 1];
  bool failed;
};

/** From where the request's first path starts. False: it is left to JavaScript. To be freed in any case. */
bool tree_read(struct tree *, const char *path);
void tree_free(struct tree *);

/** What path.join() puts before names, into room for one byte more; false: there is a ".." in it. */
bool tree_base(const char *path, char *to);

/** How many entries, or SPECIAL_DECLINED. */
int32_t folder_tree_list(const struct memory *memory, int slot, bool typed,
                         bool follows_links, int order);
