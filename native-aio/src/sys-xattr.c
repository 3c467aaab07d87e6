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
static int32_t answered(const struct memory *m, int slot, ssize_t count) {
  if (count < 0)
    return -errno;
  slot_words(m, slot)[SLOT_OUT_BYTES] = (int32_t)count;
  return 0;
}

int32_t sys_getxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES], name[NAME_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  bool link = slot_integer(w, NUMBERS_A) != 0;
  uint8_t *to = slot_data(m, w);
  size_t room = (size_t)w[SLOT_ROOM];
  return answered(m, slot,
                  link ? lgetxattr(path, name, to, room)
                       : getxattr(path, name, to, room));
}

int32_t sys_fgetxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char name[NAME_BYTES];
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  return answered(
      m, slot,
      fgetxattr(w[SLOT_FD], name, slot_data(m, w), (size_t)w[SLOT_ROOM]));
}

int32_t sys_listxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  bool link = slot_integer(w, NUMBERS_A) != 0;
  char *to = (char *)slot_data(m, w);
  size_t room = (size_t)w[SLOT_ROOM];
  return answered(
      m, slot, link ? llistxattr(path, to, room) : listxattr(path, to, room));
}

int32_t sys_flistxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return answered(
      m, slot,
      flistxattr(w[SLOT_FD], (char *)slot_data(m, w), (size_t)w[SLOT_ROOM]));
}

int32_t sys_setxattr(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES], name[NAME_BYTES];
  size_t begins = (size_t)slot_integer(w, NUMBERS_A);
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  if (!copy_name(m, slot, begins, name))
    return -ERANGE;
  const uint8_t *value = slot_data(m, w) + begins;
  size_t bytes = data_bytes(m, slot) - begins;
  int flags = (int)slot_integer(w, NUMBERS_B);
  bool link = slot_integer(w, NUMBERS_C) != 0;
  SYS_ANSWER(link ? lsetxattr(path, name, value, bytes, flags)
                  : setxattr(path, name, value, bytes, flags));
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
  char path[PATH_BYTES], name[NAME_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  bool link = slot_integer(slot_words(m, slot), NUMBERS_A) != 0;
  SYS_ANSWER(link ? lremovexattr(path, name) : removexattr(path, name));
}

int32_t sys_fremovexattr(const struct memory *m, int slot) {
  char name[NAME_BYTES];
  if (!copy_name(m, slot, data_bytes(m, slot), name))
    return -ERANGE;
  SYS_ANSWER(fremovexattr(slot_words(m, slot)[SLOT_FD], name));
}
