// dents: a whole folder by its path, in the form in which it travels: inodes (where they are wanted), types, and names
// with a NUL between them. What is read, and in which order, is the business of dents.c.
#include "sys-ops.h"

#include "dents.h"
#include "job.h"
#include "syscalls.h"

static int32_t put(const struct memory *m, int slot, const struct dents *d,
                   bool inodes) {
  size_t count = d->count, separators = count == 0 ? 0 : count - 1;
  size_t inode_bytes = inodes ? count * sizeof(uint64_t) : 0;
  uint8_t *to =
      job_room(m, slot, inode_bytes + count + d->names_bytes + separators);
  if (to == NULL)
    return -ENOMEM;
  uint8_t *type = to + inode_bytes, *name = type + count;
  for (size_t i = 0; i < count; i++) {
    const struct dent *e = &d->entries[i];
    if (inodes)
      memcpy(to + i * sizeof e->inode, &e->inode, sizeof e->inode);
    type[i] = e->type;
    if (i != 0)
      *name++ = 0;
    memcpy(name, d->names + e->name, e->bytes);
    name += e->bytes;
  }
  return (int32_t)count;
}

int32_t sys_dents(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  int how = (int)slot_integer(w, NUMBERS_A);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0,
                      slot_resolve(w));
  if (fd < 0)
    return fd;
  struct dents d;
  int result = dents_read(&d, fd, &w[SLOT_CANCELLED]);
  calls->close(fd);
  if (result == 0)
    result = dents_sort(&d, how);
  if (result == 0)
    result = put(m, slot, &d, (how & DENTS_INODES) != 0);
  dents_free(&d);
  return result;
}
