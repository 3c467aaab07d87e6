// Extended attributes, of a path, of a link itself or of a descriptor. Names are bytes of the request's
// data; what comes back is written over them, into the slot's room.
#include "sys-ops.h"

#include <sys/xattr.h>

/** As long as Linux lets one be, with its NUL. */
enum { NAME_BYTES = 256 };

/** Copies the first `bytes` of the data; the kernel's own refusal for a longer one is ERANGE. */
static bool copy_name(const struct memory *m, int slot, size_t bytes,
                      char *to) {
  if (bytes >= NAME_BYTES)
    return false;
  memcpy(to, slot_data(m, slot_words(m, slot)), bytes);
  to[bytes] = 0;
  return true;
}

static size_t data_bytes(const struct memory *m, int slot) {
  return (size_t)slot_words(m, slot)[SLOT_DATA_BYTES];
}

/** What was read: how many bytes, or -1 with errno. */
static int32_t xattr_result(const struct memory *m, int slot, ssize_t count) {
  if (count < 0)
    return -errno;
  slot_words(m, slot)[SLOT_OUT_BYTES] = (int32_t)count;
  return 0;
}

static enum place_way way_of(bool link) {
  return link ? PLACE_ITSELF : PLACE_TARGET;
}

int32_t sys_getxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char name[NAME_BYTES];
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  bool link = slot_integer(w, NUMBERS_A) != 0;
  struct place place;
  int32_t result = place_find_path(m, slot, way_of(link), &place);
  if (result < 0)
    return result;
  uint8_t *to = slot_data(m, w);
  size_t room = (size_t)w[SLOT_ROOM];
  result = xattr_result(m, slot,
                        link ? lgetxattr(place.path, name, to, room)
                             : getxattr(place.path, name, to, room));
  place_leave(&place);
  return result;
}

int32_t sys_fgetxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char name[NAME_BYTES];
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  return xattr_result(
      m, slot,
      fgetxattr(w[SLOT_FD], name, slot_data(m, w), (size_t)w[SLOT_ROOM]));
}

int32_t sys_listxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  bool link = slot_integer(w, NUMBERS_A) != 0;
  struct place place;
  int32_t result = place_find_path(m, slot, way_of(link), &place);
  if (result < 0)
    return result;
  char *to = (char *)slot_data(m, w);
  size_t room = (size_t)w[SLOT_ROOM];
  result = xattr_result(m, slot,
                        link ? llistxattr(place.path, to, room)
                             : listxattr(place.path, to, room));
  place_leave(&place);
  return result;
}

int32_t sys_flistxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return xattr_result(
      m, slot,
      flistxattr(w[SLOT_FD], (char *)slot_data(m, w), (size_t)w[SLOT_ROOM]));
}

int32_t sys_setxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char name[NAME_BYTES];
  size_t begins = (size_t)slot_integer(w, NUMBERS_A);
  if (!copy_name(m, slot, begins, name))
    return -ERANGE;
  const uint8_t *value = slot_data(m, w) + begins;
  size_t bytes = data_bytes(m, slot) - begins;
  int flags = (int)slot_integer(w, NUMBERS_B);
  bool link = slot_integer(w, NUMBERS_C) != 0;
  struct place place;
  int32_t result = place_find_path(m, slot, way_of(link), &place);
  if (result < 0)
    return result;
  if ((link ? lsetxattr(place.path, name, value, bytes, flags)
            : setxattr(place.path, name, value, bytes, flags)) == -1)
    result = -errno;
  place_leave(&place);
  return result;
}

int32_t sys_fsetxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char name[NAME_BYTES];
  size_t begins = (size_t)slot_integer(w, NUMBERS_A);
  if (!copy_name(m, slot, begins, name))
    return -ERANGE;
  SYS_ANSWER(fsetxattr(w[SLOT_FD], name, slot_data(m, w) + begins,
                       data_bytes(m, slot) - begins,
                       (int)slot_integer(w, NUMBERS_B)));
}

int32_t sys_removexattr(const struct memory *m, int slot) {
  char name[NAME_BYTES];
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  bool link = slot_integer(slot_words(m, slot), NUMBERS_A) != 0;
  struct place place;
  int32_t result = place_find_path(m, slot, way_of(link), &place);
  if (result < 0)
    return result;
  if ((link ? lremovexattr(place.path, name) : removexattr(place.path, name)) ==
      -1)
    result = -errno;
  place_leave(&place);
  return result;
}

int32_t sys_fremovexattr(const struct memory *m, int slot) {
  char name[NAME_BYTES];
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  SYS_ANSWER(fremovexattr(slot_words(m, slot)[SLOT_FD], name));
}
