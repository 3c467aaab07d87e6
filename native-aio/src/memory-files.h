// Which files are nowhere but in memory: those of tmpfs and ramfs, as long as nothing can be swapped out. It knows no lanes.
#pragma once

#include <stdbool.h>

/** Reading it waits for no device. */
bool is_memory_file(int fd);
