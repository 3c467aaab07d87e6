// The begin and the end of a lane that waits for the kernel; see lane-state.h.
#include "lane-state.h"

#include <stdint.h>
#include <stdlib.h>

#include "clock.h"
#include "lane.h"

enum {
  /** A closing lane waits this long for what the kernel does not let go. */
  CLOSE_MAX_MS = 2000,
  CLOSE_STEP_MS = 100,
};

void *lane_state_open(struct lane *lane, size_t bytes) {
  struct lane_state *state = calloc(1, bytes);
  int *backlog = malloc(((size_t)lane->ring_mask + 1) * sizeof *backlog);
  if (state == NULL || backlog == NULL) {
    lane->failed = "malloc";
    free(state);
    free(backlog);
    return NULL;
  }
  state->backlog = backlog;
  state->mask = lane->ring_mask;
  return state;
}

void lane_state_close(void *data) {
  struct lane_state *state = data;
  free(state->backlog);
  free(state);
}

static int64_t now_ms(void) { return now_ns(CLOCK_MONOTONIC) / NS_PER_MS; }

bool lane_state_drain(struct lane *lane,
                      void (*wait)(struct lane *, int timeout_ms)) {
  struct lane_state *state = lane->state;
  int64_t end = now_ms() + CLOSE_MAX_MS;
  while (state->in_flight != 0 && now_ms() < end)
    wait(lane, CLOSE_STEP_MS);
  return state->in_flight == 0;
}
