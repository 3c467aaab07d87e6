// Other threads for one large job: a tree is not one thread's work while others are idle. It knows functions, not
// what they do. Where this thread is none of the crew's, no other comes.
#pragma once

#include <stdbool.h>

#include "page-cache.h"

struct team {
  /** Called on each thread that comes, beside the one that invites; returns when nothing is left to do. */
  void (*work)(void *state);
  void *state;
  /** The crew's. */
  struct team *next;
  int wanted, working;
  /** As for the thread that invites. */
  enum cache_way cache;
};

/** Invites idle threads, `most` at most. */
void team_invite(struct team *, int most);
/** Nobody comes any more, and those who came have left. */
void team_dismiss(struct team *);
