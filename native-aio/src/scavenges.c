// See scavenges.h. The callback runs inside a collection: it counts, and touches nothing of V8's.
#include "scavenges.h"

#include <pthread.h>
#include <stddef.h>

#include "v8-functions.h"

/** v8::GCType, of which only this one has had the same number for ever. */
enum { SCAVENGE = 1 };

typedef void callback(void *isolate, int type, int flags, void *data);
typedef void add_callback(void *isolate, callback *, void *data, int types);
typedef void remove_callback(void *isolate, callback *, void *data);

static struct {
  add_callback *add;
  remove_callback *remove;
  current_isolate *isolate;
} v8;
static bool found;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find(void) {
  found =
      FIND(v8.add, "_ZN2v87Isolate21AddGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_"
                   "15GCCallbackFlagsEPvES4_S2_") &&
      FIND(v8.remove,
           "_ZN2v87Isolate24RemoveGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_"
           "15GCCallbackFlagsEPvES4_") &&
      FIND(v8.isolate, CURRENT_ISOLATE);
}

static void collected(void *isolate, int type, int flags, void *data) {
  (void)isolate, (void)type, (void)flags;
  ((struct scavenges *)data)->count++;
}

void scavenges_open(struct scavenges *s) {
  pthread_once(&once, find);
  *s = (struct scavenges){.isolate = found ? v8.isolate() : NULL};
  if (s->isolate != NULL)
    v8.add(s->isolate, collected, s, SCAVENGE);
}

void scavenges_close(struct scavenges *s) {
  if (s->isolate != NULL)
    v8.remove(s->isolate, collected, s);
  s->isolate = NULL;
}
