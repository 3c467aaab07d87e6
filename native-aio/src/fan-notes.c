// See fan-notes.h. A rename is one event of fanotify's with both folders and names, of which each may be of the table: it becomes the two
// of inotify's, with one cookie, or one of them.
#include "fan-notes.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "fanotify-abi.h"

enum {
  NOTES_BYTES_MAX = 1 << 24,
  NOTES_BYTES_MIN = 1 << 12,
  /** A name, with what it is padded by. */
  NAME_BYTES = NAME_MAX + 5,
};

/** A folder and a name in it. */
struct place {
  /** -1: it is not of the table. */
  int folder;
  const char *name;
};

/** What one event says. */
struct said {
  struct place in, from, to;
};

static const struct place nowhere = {.folder = -1, .name = ""};

static bool make_room(struct fan_notes *n, size_t bytes) {
  if (n->used + bytes <= n->room)
    return true;
  size_t room = n->room == 0 ? NOTES_BYTES_MIN : 2 * n->room;
  if (room > NOTES_BYTES_MAX)
    return false;
  uint8_t *data = realloc(n->data, room);
  if (data == NULL)
    return false;
  n->data = data;
  n->room = room;
  return true;
}

static void put(struct fan_notes *n, struct place place, uint32_t mask,
                uint32_t cookie) {
  char name[NAME_BYTES] = {0};
  // What happens to a folder itself has this for a name.
  size_t length = strcmp(place.name, ".") == 0 ? 0 : strlen(place.name);
  if (place.folder < 0 || length > NAME_MAX)
    return;
  memcpy(name, place.name, length);
  struct inotify_event event = {
      .wd = place.folder,
      .mask = mask,
      .cookie = cookie,
      .len = length == 0 ? 0 : (uint32_t)((length + 4) & ~(size_t)3),
  };
  if (!make_room(n, sizeof event + event.len)) {
    n->lost = true;
    return;
  }
  memcpy(n->data + n->used, &event, sizeof event);
  memcpy(n->data + n->used + sizeof event, name, event.len);
  n->used += sizeof event + event.len;
}

static struct place place_of(const struct fan_folders *folders,
                             const struct fanotify_event_info_fid *info) {
  // The handle is not aligned as its structure is.
  struct file_handle head;
  memcpy(&head, info->handle, sizeof head);
  const unsigned char *handle =
      info->handle + offsetof(struct file_handle, f_handle);
  int folder =
      fan_folders_find(folders, (struct fan_key){.file_system = &info->fsid,
                                                 .type = head.handle_type,
                                                 .bytes = head.handle_bytes,
                                                 .handle = handle});
  bool is_named = info->hdr.info_type != FAN_EVENT_INFO_TYPE_DFID;
  return (struct place){
      .folder = folder,
      .name = is_named ? (const char *)handle + head.handle_bytes : ""};
}

/** What follows the event's head, up to the end of the event. */
static struct said said_by(const struct fan_folders *folders, const uint8_t *at,
                           const uint8_t *end) {
  struct said said = {.in = nowhere, .from = nowhere, .to = nowhere};
  while (at < end) {
    const struct fanotify_event_info_fid *info = (const void *)at;
    switch (info->hdr.info_type) {
    case FAN_EVENT_INFO_TYPE_DFID:
    case FAN_EVENT_INFO_TYPE_DFID_NAME:
      said.in = place_of(folders, info);
      break;
    case FAN_EVENT_INFO_TYPE_OLD_DFID_NAME:
      said.from = place_of(folders, info);
      break;
    case FAN_EVENT_INFO_TYPE_NEW_DFID_NAME:
      said.to = place_of(folders, info);
      break;
    default:
      break;
    }
    if (info->hdr.len == 0)
      break;
    at += info->hdr.len;
  }
  return said;
}

static void add(struct fan_notes *n, uint64_t mask, struct said said) {
  if ((mask & FAN_Q_OVERFLOW) != 0) {
    n->lost = true;
    return;
  }
  if ((mask & FAN_RENAME) == 0) {
    put(n, said.in, (uint32_t)mask, 0);
    return;
  }
  if (said.from.folder < 0 && said.to.folder < 0)
    return;
  // 0 is none.
  uint32_t cookie = ++n->cookies == 0 ? ++n->cookies : n->cookies;
  put(n, said.from, IN_MOVED_FROM, cookie);
  put(n, said.to, IN_MOVED_TO, cookie);
}

size_t fan_notes_add(struct fan_notes *n, const struct fan_folders *folders,
                     const void *events, size_t bytes) {
  size_t count = 0;
  const uint8_t *at = events;
  struct fanotify_event_metadata event;
  for (size_t left = bytes; left >= sizeof event; count++) {
    // It begins where the one before ends: at a multiple of 4, where a mask of 64 bits may not be.
    memcpy(&event, at, sizeof event);
    size_t length = event.event_len;
    if (length < sizeof event || length > left)
      break;
    add(n, event.mask, said_by(folders, at + event.metadata_len, at + length));
    at += length;
    left -= length;
  }
  return count;
}

static size_t take_lost(struct fan_notes *n, uint8_t *to, size_t room) {
  struct inotify_event event = {.wd = -1, .mask = IN_Q_OVERFLOW};
  if (!n->lost || room < sizeof event)
    return 0;
  n->lost = false;
  memcpy(to, &event, sizeof event);
  return sizeof event;
}

size_t fan_notes_take(struct fan_notes *n, uint8_t *to, size_t room) {
  size_t given = take_lost(n, to, room);
  size_t from = n->taken;
  while (n->taken < n->used) {
    struct inotify_event event;
    memcpy(&event, n->data + n->taken, sizeof event);
    size_t bytes = sizeof event + event.len;
    if (given + (n->taken - from) + bytes > room)
      break;
    n->taken += bytes;
  }
  if (n->taken > from)
    memcpy(to + given, n->data + from, n->taken - from);
  given += n->taken - from;
  if (n->taken < n->used)
    return given;
  // Much of it was for a burst.
  if (n->room > NOTES_BYTES_MIN) {
    free(n->data);
    n->data = NULL;
    n->room = 0;
  }
  n->taken = n->used = 0;
  return given;
}
