// A lane: native code that runs requests for the loop's own thread. What it is handed are slots;
// its results lie in a completion ring in shared memory, without a call into JavaScript.
//
//   JavaScript: list[0..count) = slots -> flush(count) -> completions in ring, read at leisure
//                                                      -> list[0..declined)
//               nothing there, about to sleep: arm() -> ... -> wake() once
//
// A lane knows slots and opcodes. Whatever it cannot do it declines, at once or as a completion with
// SPECIAL_DECLINED, with the slot as it was: the next one (the pool, in the end) does it.
#pragma once

#include <stdbool.h>

#include "assertions.h"
#include "slot.h"

struct lane;

struct lane_verbs {
  const char *name;
  /** 0, or -errno with lane->failed set to what failed. */
  int (*open)(struct lane *);
  /** Begins list[0..count); returns how many it declined, which are then at the list's start. */
  int (*flush)(struct lane *, int count);
  void (*reap)(struct lane *);
  /** True: wake() will be called on the next completion. False: there is one already. */
  bool (*arm)(struct lane *);
  void (*disarm)(struct lane *);
  /** The slot is in flight here. It still completes exactly once. True: reap() soon, also if armed. */
  bool (*cancel)(struct lane *, int slot);
  /** Cancels, and waits if it has to. False: the kernel still holds some slots and buffers. */
  bool (*close)(struct lane *);
  /** NULL: the lane runs the op. */
  const char *(*why_not)(const struct lane *, int op);
  /** How it does so where that is worth telling, as `what: errno` or a sentence; may be NULL. */
  const char *(*how)(struct lane *, int op);
};

struct lane {
  const struct lane_verbs *verbs;
  struct memory memory;
  int32_t *ring;
  uint32_t ring_mask;
  /** Slots to begin, in order; as many as there are slots fit. */
  int32_t *list;
  /** Becomes readable when an armed lane has something; -1 for a lane that never sleeps. */
  int wake_fd;
  /** Whether it is armed, for a lane whose descriptor cannot be kept quiet; else NULL. */
  const bool *wake_wanted;
  /** The system call that open() fell over. */
  const char *failed;
  void *state;
};

/** Why a row of a table of ops runs nothing; a code that is no op's has no reason of its own. */
static inline const char *reason_of(bool runs, const char *why_not) {
  if (runs)
    return NULL;
  return why_not != NULL ? why_not : "no such op";
}

static inline void lane_complete(struct lane *lane, int slot, int32_t result) {
  slot_words(&lane->memory, slot)[SLOT_RESULT] = result;
  slot_leave(&lane->memory, slot);
  ring_push(lane->ring, lane->ring_mask, slot);
}

/**
 * In flush(): the next one's, with SPECIAL_DECLINED, or EOPNOTSUPP where it is the file system that has no such call.
 * Returns how many were declined by now.
 */
static inline int lane_decline(struct lane *lane, int declined, int slot,
                               int32_t result) {
  slot_words(&lane->memory, slot)[SLOT_RESULT] = result;
  lane->list[declined] = slot;
  slot_leave(&lane->memory, slot);
  return declined + 1;
}

static inline bool lane_has_completions(const struct lane *lane) {
  return lane->ring[RING_HEAD] != lane->ring[RING_TAIL];
}

extern const struct lane_verbs uring_lane;
extern const struct lane_verbs aio_lane;
extern const struct lane_verbs nowait_lane;
