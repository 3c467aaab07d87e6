// node:path's rules for POSIX; see paths.h.
#include "paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Where the last part of what is there begins. */
static size_t last_part(const char *path, size_t start, size_t end) {
  while (end > start && path[end - 1] != '/')
    end--;
  return end;
}

/** Takes the last part away; false: there is none but "..", or none at all. */
static bool go_up(const char *path, size_t start, size_t *end) {
  size_t last = last_part(path, start, *end);
  size_t bytes = *end - last;
  if (bytes == 0 || (bytes == 2 && path[last] == '.' && path[last + 1] == '.'))
    return false;
  *end = last > start ? last - 1 : start;
  return true;
}

char *path_normalize(const char *path) {
  size_t bytes = strlen(path);
  char *to = malloc(bytes + 3);
  if (to == NULL)
    return NULL;
  bool absolute = path[0] == '/';
  bool folder = bytes > 0 && path[bytes - 1] == '/';
  size_t start = absolute ? 1 : 0, end = start;
  to[0] = '/';
  for (const char *part = path; *part != 0;) {
    size_t length = strcspn(part, "/");
    bool up = length == 2 && part[0] == '.' && part[1] == '.';
    bool nothing = length == 0 || (length == 1 && part[0] == '.');
    bool gone = up && (go_up(to, start, &end) || absolute);
    if (!nothing && !gone) {
      if (end > start)
        to[end++] = '/';
      memcpy(to + end, part, length);
      end += length;
    }
    part += length;
    if (*part == '/')
      part++;
  }
  if (end == 0)
    to[end++] = '.';
  if (folder && to[end - 1] != '/')
    to[end++] = '/';
  to[end] = 0;
  return to;
}

static char *joined(const char *folder, size_t bytes, const char *between,
                    const char *name) {
  size_t room = bytes + strlen(between) + strlen(name) + 1;
  char *to = malloc(room);
  if (to != NULL)
    snprintf(to, room, "%.*s%s%s", (int)bytes, folder, between, name);
  return to;
}

char *path_below(const char *folder, const char *name) {
  size_t bytes = strlen(folder);
  if (strcmp(folder, ".") == 0 || strcmp(folder, "./") == 0)
    return joined("", 0, "", name);
  bool slash = bytes > 0 && folder[bytes - 1] == '/';
  return joined(folder, bytes, slash ? "" : "/", name);
}

char *path_in(const char *folder, const char *name) {
  return joined(folder, strlen(folder), "/", name);
}
