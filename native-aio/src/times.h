// Times of files, as Node's own functions make them of seconds: up to libuv 1.51 in microseconds, later in nanoseconds.
// It knows no file.
#pragma once

#include <time.h>

/** The form is one of TIME_. */
struct timespec time_of_seconds(double seconds, int form);

/** From now on in microseconds, for the whole process: its libuv is the same for all. */
void times_in_us(void);
