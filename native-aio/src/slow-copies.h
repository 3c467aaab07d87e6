// Where this processor copies slowly between the page cache and memory, and how to go round it. Some (AMD, with fast
// short `rep movsb`) copy 5 to 10 times slower to an address that lies 1 to 15, or 1 to 31, bytes further into its
// page than the source does; malloc puts every large block 16 bytes into a page.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/** The last of those offsets, which begin at 1; 0: there are none. Measured once, in a fifth of a millisecond. */
unsigned slow_copies(void);

/** Whether reading so much there would be slow: what is small is not looked at. */
bool read_is_slow(const void *data, size_t bytes, int64_t position);
bool write_is_slow(const void *data, size_t bytes, int64_t position);

/** Of this thread, from now on: whether the caller's memory may go while it is copied. The kernel alone works on it then. */
void slow_copies_avoid(bool shrinks);

/** As calls->read and calls->write, by way of memory that is aligned where that is faster. */
int64_t read_fast(int fd, void *data, size_t bytes, int64_t position);
int64_t write_fast(int fd, const void *data, size_t bytes, int64_t position);
/** As calls->writev; the lengths come to `bytes`. */
int64_t writev_fast(int fd, const struct iovec *parts, int count, size_t bytes,
                    int64_t position);
