// Work that several threads take from one list: the thread whose request it is, and others of the crew while they
// are idle. It knows items, not what they are, and keeps no order between them.
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "team.h"

/** Comes first in each piece of work. */
struct work_item {
  struct work_item *next;
};

struct work_list {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct work_item *first;
  /** Items in the list, items that are worked on, and threads beside the request's own. */
  unsigned waiting, busy, guests;
  unsigned runs;
  bool invited;
  struct team team;
  void (*run)(struct work_list *, struct work_item *);
};

void work_list_open(struct work_list *,
                    void (*run)(struct work_list *, struct work_item *));
/** From any of the threads; the last one added is taken first. */
void work_list_add(struct work_list *, struct work_item *);
/** Works until nothing is left and nobody is at work, and closes the list. */
void work_list_finish(struct work_list *);
