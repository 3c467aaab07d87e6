// Paths as text: joined and made plain as node:path does it, byte for byte. It knows nothing of files; what it
// returns is the caller's to free, NULL is no memory.
#pragma once

/** "." and ".." and double slashes are gone, as far as the text alone says. */
char *path_normalize(const char *path);
/** A name in a folder whose path is normalized: path.join(folder, name). */
char *path_below(const char *folder, const char *name);
/** The two, with a slash in between: nothing is made plain. */
char *path_in(const char *folder, const char *name);
