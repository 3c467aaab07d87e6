// Whether what this thread reads and writes stays in the page cache. A request says so for all that is done for it, on every
// thread that helps; the calls themselves are syscalls.c's business.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/** DIRECT: past it where that can be, which a copy of a file looks at; else as DROP. */
enum cache_way { CACHE_KEEP, CACHE_DROP, CACHE_DIRECT };

/** For this thread, until the next call. */
void page_cache_use(enum cache_way way);
enum cache_way page_cache_way(void);
/** True: what is read or written now is not to stay. What was in the cache before is left there where the kernel can. */
bool page_cache_drops(void);

/** As read, write and writev; 0 or more, or -1 and errno. A position below 0 is the descriptor's own. */
int64_t page_cache_read(int fd, const struct iovec *, int64_t position);
int64_t page_cache_write(int fd, const struct iovec *, int count,
                         int64_t position);
