// See loans.h. V8 frees a young ArrayBuffer with a scavenge, which comes when the young generation is full, however much
// memory is behind its objects; and memory that it knows of makes it collect everything, after each 64 MiB: readFile of
// 100 KB spent half its time in that. So it is not shown what is young, and arrays that are not kept fill the young generation
// while much is lent, until there was one; not for long where nothing is returned, since what is kept, or was waited for so long
// that its promise is old, a scavenge does not free.
#include "loans.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "scavenges.h"

enum {
  /** Of what is young, one part in so many is made of arrays. */
  FILL_PART = 4,
  /** Large ones would be put apart from the young generation's pages. */
  ARRAY_BYTES = 120000,
  WORD_BYTES = 8,
  /**
   * A promise that outlives two scavenges is old, and keeps its result until a full collection, which makes the promises of that
   * moment old in turn. So a scavenge is for several times as many results as requests are in flight, and for
   * some in any case; for a few, however large they are.
   */
  RESULTS_IN_FLIGHT = 3,
  SOME_RESULTS = 16,
  FEW_RESULTS = 4,
};

#define MIB (INT64_C(1) << 20)
/** From so much young memory on a scavenge is wanted, where results are not so large that it is more. */
#define YOUNG_BYTES (16 * MIB)
/** So many results as are some, and as belong to requests in flight, have together at most. */
#define SOME_MOST_BYTES (128 * MIB)
#define YOUNG_MOST_BYTES (256 * MIB)
/** And where so much has to be filled for a scavenge that a fourth of it would not do. */
#define YOUNG_COSTLY_BYTES (64 * MIB)
/** So much is not young any more, whether there was a scavenge or not. */
#define YOUNG_MAX_BYTES (128 * MIB)
/** So many bytes of arrays are tried at first, and at most, before something is returned. */
#define FILL_FIRST_BYTES (4 * MIB)
#define FILL_MAX_BYTES (32 * MIB)
/** V8 begins to collect everything when it knows of so much more than after the last time. */
#define V8_STEP_BYTES (65 * MIB)
/** So much that lasts is worth a full collection when so much more was lent meanwhile: it may be garbage by now. */
#define LASTING_WORTH_BYTES (32 * MIB)
#define FULL_EVERY_BYTES (512 * MIB)
/** Smaller changes are not reported. */
#define REPORT_STEP_BYTES (8 * MIB)

struct loans {
  /** One for each loan, and one of whoever has opened it. */
  atomic_size_t owners;
  _Atomic int64_t lent_bytes;
  /** The rest belongs to the thread that lends. What was left when least was lent: that has lasted. */
  int64_t lasting_bytes;
  int64_t reported_bytes;
  /** In all, since something last made V8 collect everything. */
  int64_t since_full_bytes;
  /** Lent when somebody last looked. */
  int64_t seen_bytes;
  /** Arrays since something was returned, and as many as may be. */
  int64_t filled_bytes, fill_max_bytes;
  struct scavenges scavenges;
  /** Lent since the scavenge of this number. */
  int64_t since_scavenge_bytes;
  uint32_t scavenge;
  /** Requests when that was, each of which has a promise. */
  int64_t in_flight;
  struct memory memory;
  /** Arrays for the next scavenge, and what the last one took of them. */
  int64_t cost_bytes, last_cost_bytes;
};

struct loans *loans_open(const struct memory *memory) {
  struct loans *loans = calloc(1, sizeof *loans);
  if (loans != NULL) {
    loans->memory = *memory;
    atomic_init(&loans->owners, 1);
    loans->fill_max_bytes = FILL_FIRST_BYTES;
    scavenges_open(&loans->scavenges);
  }
  return loans;
}

static void leave(struct loans *loans) {
  if (atomic_fetch_sub(&loans->owners, 1) == 1)
    free(loans);
}

static void report(napi_env env, struct loans *loans, int64_t bytes) {
  int64_t all;
  (void)napi_adjust_external_memory(env, bytes - loans->reported_bytes, &all);
  loans->reported_bytes = bytes;
}

/** What has lasted may be garbage, which no scavenge frees. */
static bool wants_full_collection(struct loans *loans, size_t bytes) {
  loans->since_full_bytes += (int64_t)bytes;
  if (loans->lasting_bytes < LASTING_WORTH_BYTES ||
      loans->since_full_bytes < FULL_EVERY_BYTES)
    return false;
  loans->since_full_bytes = 0;
  return true;
}

void loans_close(napi_env env, struct loans *loans) {
  report(env, loans, 0);
  scavenges_close(&loans->scavenges);
  leave(loans);
}

/** Arrays of so many bytes that are not kept, until there was a scavenge. Returns how many bytes that were. */
static int64_t fill_young_generation(napi_env env, const struct scavenges *seen,
                                     size_t bytes) {
  uint32_t before = seen->count;
  size_t left = bytes;
  while (left > 0 && seen->count == before) {
    size_t part = left < ARRAY_BYTES ? left : ARRAY_BYTES;
    napi_handle_scope scope;
    napi_value array;
    if (napi_open_handle_scope(env, &scope) != napi_ok)
      break;
    (void)napi_create_array_with_length(env, part / WORD_BYTES, &array);
    (void)napi_close_handle_scope(env, scope);
    left -= part;
  }
  return (int64_t)(bytes - left);
}

/** Until a scavenge frees something; it may have taken more than was tried last time. */
static void fill(napi_env env, struct loans *loans, size_t bytes) {
  if (loans->filled_bytes >= loans->fill_max_bytes)
    return;
  int64_t filled = fill_young_generation(env, &loans->scavenges, bytes);
  loans->filled_bytes += filled;
  loans->cost_bytes += filled;
}

static void note_returns(struct loans *loans, int64_t lent, size_t bytes) {
  if (lent < loans->seen_bytes + (int64_t)bytes) {
    if (loans->filled_bytes >= loans->fill_max_bytes &&
        loans->fill_max_bytes < FILL_MAX_BYTES)
      loans->fill_max_bytes *= 2;
    loans->filled_bytes = 0;
  }
  loans->seen_bytes = lent;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t requests_in_flight(const struct memory *memory) {
  int64_t count = 0;
  for (int slot = 0; slot < memory->slots; slot++)
    count += __atomic_load_n(slot_words(memory, slot) + SLOT_STATE,
                             __ATOMIC_RELAXED) != STATE_FREE;
  return count;
}

static void note_scavenge(struct loans *loans) {
  if (loans->scavenge == loans->scavenges.count)
    return;
  loans->scavenge = loans->scavenges.count;
  loans->since_scavenge_bytes = 0;
  loans->last_cost_bytes = loans->cost_bytes;
  loans->cost_bytes = 0;
  loans->in_flight = requests_in_flight(&loans->memory);
}

/** What a scavenge is to free: several results, and several times of what has to be filled for it. */
static int64_t worth_of_scavenge(const struct loans *loans, size_t bytes) {
  int64_t cost =
      smaller(FILL_PART * loans->last_cost_bytes, YOUNG_COSTLY_BYTES);
  int64_t b = (int64_t)bytes;
  int64_t some = smaller(SOME_RESULTS * b, SOME_MOST_BYTES);
  int64_t all =
      smaller(RESULTS_IN_FLIGHT * loans->in_flight * b, YOUNG_MOST_BYTES);
  return larger(larger(YOUNG_BYTES, cost),
                larger(FEW_RESULTS * b, larger(some, all)));
}

void loans_lend(napi_env env, struct loans *loans, size_t bytes) {
  atomic_fetch_add(&loans->owners, 1);
  int64_t lent =
      atomic_fetch_add(&loans->lent_bytes, (int64_t)bytes) + (int64_t)bytes;
  note_returns(loans, lent, bytes);
  note_scavenge(loans);
  loans->since_scavenge_bytes += (int64_t)bytes;
  int64_t worth = worth_of_scavenge(loans, bytes);
  int64_t young = lent - loans->lasting_bytes;
  if (young < 0 || young > larger(YOUNG_MAX_BYTES, 2 * worth))
    loans->lasting_bytes = lent;
  if (wants_full_collection(loans, bytes))
    report(env, loans, loans->lasting_bytes + V8_STEP_BYTES);
  int64_t unreported = loans->lasting_bytes - loans->reported_bytes;
  if (unreported > REPORT_STEP_BYTES || unreported < -REPORT_STEP_BYTES)
    report(env, loans, loans->lasting_bytes);
  // What the last one freed may not have been returned yet.
  bool is_seen = loans->scavenges.isolate != NULL;
  if (young > worth && !(is_seen && loans->since_scavenge_bytes <= worth))
    fill(env, loans, bytes / FILL_PART);
}

void loans_return(struct loans *loans, size_t bytes) {
  atomic_fetch_sub(&loans->lent_bytes, (int64_t)bytes);
  leave(loans);
}
