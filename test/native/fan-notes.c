// What fan-notes.c makes of events as fanotify writes them, one behind the
// other: argv are names of files that were made in one folder. Prints each name
// that it gives back, with its folder's number.
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "fan-notes.h"
#include "fanotify-abi.h"

enum { HANDLE_BYTES = 8, ROOM_BYTES = 1 << 12 };

/** In front of the handle's bytes. */
struct named {
  struct fanotify_event_info_fid info;
  uint32_t handle_bytes;
  int32_t handle_type;
};

static const unsigned char handle[HANDLE_BYTES] = {1, 2, 3};

/** Returns its length: a multiple of 4, as the kernel has it. */
static size_t put_event(uint8_t *to, const char *name) {
  size_t length = sizeof(struct named) + HANDLE_BYTES + strlen(name) + 1;
  length = (length + 3) & ~(size_t)3;
  struct fanotify_event_metadata event = {
      .event_len = (uint32_t)(sizeof event + length),
      .vers = FANOTIFY_METADATA_VERSION,
      .metadata_len = sizeof event,
      .mask = FAN_CREATE,
      .fd = FAN_NOFD,
  };
  struct named named = {
      .info.hdr = {.info_type = FAN_EVENT_INFO_TYPE_DFID_NAME,
                   .len = (uint16_t)length},
      .handle_bytes = HANDLE_BYTES,
      .handle_type = 1,
  };
  memcpy(to, &event, sizeof event);
  memcpy(to + sizeof event, &named, sizeof named);
  memcpy(to + sizeof event + sizeof named, handle, HANDLE_BYTES);
  strcpy((char *)to + sizeof event + sizeof named + HANDLE_BYTES, name);
  return event.event_len;
}

int main(int argc, char **argv) {
  static _Alignas(8) uint8_t events[ROOM_BYTES], given[ROOM_BYTES];
  struct fan_notes notes = {0};
  struct fan_folders *folders = fan_folders_open();
  const uint8_t file_system[FAN_SYSTEM_BYTES] = {0};
  if (folders == NULL ||
      fan_folders_add(folders, (struct fan_key){.file_system = file_system,
                                                .type = 1,
                                                .bytes = HANDLE_BYTES,
                                                .handle = handle}) < 0)
    return 1;
  size_t bytes = 0;
  for (int i = 1; i < argc; i++)
    bytes += put_event(events + bytes, argv[i]);
  if (fan_notes_add(&notes, folders, events, bytes) != (size_t)argc - 1)
    return 1;
  size_t end = fan_notes_take(&notes, given, sizeof given);
  for (size_t at = 0; at < end;) {
    struct inotify_event event;
    memcpy(&event, given + at, sizeof event);
    printf("%d %s\n", event.wd, (const char *)given + at + sizeof event);
    at += sizeof event + event.len;
  }
  fan_folders_close(folders);
  return 0;
}
