// The folders of a tree as a list that several threads take from: whoever works on one adds what it finds below it, and
// offers part of a large one. It knows no folder. Idle threads of the crew are invited once there is more than one thread
// soon has done.
//
//   work_list_add -> work_list_run: take -> run (adds more) -> take ... -> nothing is left, or it was stopped
//                                           run: work_list_offer -> ... -> work_list_withdraw
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "team.h"

struct work_item {
  struct work_item *next;
};

struct work_list {
  /** On any thread, several at once. */
  void (*run)(struct work_list *, struct work_item *);
  void *state;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  /** The last one comes first: a tree is then as deep as it is, and not as wide, in memory. */
  struct work_item *items;
  /** Taken only where there is no other: one of each thread's at most. */
  struct work_item *offers;
  struct team team;
  bool invited;
  int waiting, length, unfinished;
  bool stopped;
};

void work_list_open(struct work_list *,
                    void (*run)(struct work_list *, struct work_item *),
                    void *state);
void work_list_add(struct work_list *, struct work_item *);
/** From run: part of the work, for a thread that has nothing else to do; whoever takes it may offer it again. */
void work_list_offer(struct work_list *, struct work_item *);
/** False: somebody has taken it. */
bool work_list_withdraw(struct work_list *, struct work_item *);
/** Returns when every item has been run, or after work_list_stop(). */
void work_list_run(struct work_list *);
/** Nothing more is begun. */
void work_list_stop(struct work_list *);
/** One of those that were never run; NULL: there are none. For whoever has stopped the list, to free them. */
struct work_item *work_list_drop(struct work_list *);
void work_list_close(struct work_list *);
