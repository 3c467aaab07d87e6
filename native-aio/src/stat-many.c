// Many files described in one hop: a table of numbers, a row for each path. Its form is known to src/api/batches/batches.ts,
// what is in a row behind the first number to stats.c.
#include <errno.h>

#include "blocks.h"
#include "resolve.h"
#include "stats.h"
#include "sys-ops.h"
#include "syscalls.h"

/** An errno (0: there is none), then the numbers of a stat. */
enum { ROW_DOUBLES = 1 + STATS_FIELDS };

static size_t count_paths(const char *paths, size_t bytes) {
  size_t count = 1;
  for (size_t i = 0; i < bytes; i++)
    count += paths[i] == 0;
  return count;
}

static void put_row(const int32_t *w, const char *path, size_t bytes,
                    double *row) {
  char text[PATH_BYTES];
  struct statx stats;
  int result = -ENAMETOOLONG;
  if (bytes < sizeof text) {
    memcpy(text, path, bytes);
    text[bytes] = 0;
    result = place_stat(slot_wd(w), text, 0, slot_resolve(w), &stats);
  }
  row[0] = result;
  if (result == 0)
    stats_put(row + 1, &stats, false);
}

/** As long as somebody wants them. */
static void put_rows(const int32_t *w, const char *paths, size_t bytes,
                     double *row) {
  for (size_t at = 0; at <= bytes && !slot_cancelled(w); row += ROW_DOUBLES) {
    const char *end = memchr(paths + at, 0, bytes - at);
    size_t length = end == NULL ? bytes - at : (size_t)(end - paths) - at;
    put_row(w, paths + at, length, row);
    at += length + 1;
  }
}

int32_t sys_statMany(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  const char *paths = (const char *)slot_data(m, w);
  size_t bytes = (size_t)w[SLOT_DATA_BYTES];
  size_t count = count_paths(paths, bytes), room;
  size_t table_bytes = count * ROW_DOUBLES * sizeof(double);
  if (table_bytes > (size_t)w[SLOT_ROOM])
    return SPECIAL_DECLINED;
  // Not in the slot's own room yet, where the paths are.
  double *table = block_take(table_bytes, &room);
  if (table == NULL)
    return -ENOMEM;
  memset(table, 0, table_bytes);
  put_rows(w, paths, bytes, table);
  memcpy(slot_data(m, w), table, table_bytes);
  w[SLOT_OUT_BYTES] = (int32_t)table_bytes;
  block_give(table, room);
  return (int32_t)count;
}
