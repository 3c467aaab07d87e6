// V8's small collections, as they happen, of the isolate whose thread this is. It knows V8's function for this, which Node exports
// under the same name from 20 to 26; it does not know what anybody makes of it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct scavenges {
  /** Since it was opened. */
  uint32_t count;
  /** NULL: they are not seen here (Bun, Deno, another C++ library). */
  void *isolate;
};

void scavenges_open(struct scavenges *);
/** On the thread that opened it, before its memory goes. */
void scavenges_close(struct scavenges *);
