// A file system on FUSE over a folder, which writes each change into a log once it is made and before the caller knows of it:
// logging-disk FOLDER LOG MOUNT. It knows no power and no loss; what reads the log decides what a crash would leave.
//
// A line of the log is a call: its name, numbers, and names as hexadecimal digits. The data of a write follows its line.
#define _GNU_SOURCE
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#define NAME_DIGITS (2 * 4096)

static int root_fd;
static int log_fd;
/** Numbers of open files in the log: those of descriptors come again, these do not. */
static uint64_t opens;

/** An open file or folder: `fh` of FUSE points to it. */
struct handle {
  int fd;
  uint64_t number;
};

static struct handle *handle_of(const struct fuse_file_info *info) {
  return (struct handle *)(uintptr_t)info->fh;
}

/** One write for a line and its data: a reader of the log sees both or neither. */
static void record(const void *data, size_t bytes, const char *format, ...) {
  char line[2 * NAME_DIGITS + 200];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  struct iovec parts[2] = {{line, (size_t)length}, {(void *)data, bytes}};
  ssize_t whole = length + (ssize_t)bytes;
  if (length >= (int)sizeof line || writev(log_fd, parts, 2) != whole) {
    // A log with a gap would prove nothing.
    perror("log");
    abort();
  }
}

/** A path below the root, as digits; in a buffer of the caller's. */
static const char *digits(const char *path, char out[NAME_DIGITS + 1]) {
  size_t at = 0;
  for (; *path != '\0' && at < NAME_DIGITS; path++, at += 2)
    snprintf(out + at, 3, "%02x", (unsigned char)*path);
  out[at] = '\0';
  // The target of a link may be empty, a field of a line may not.
  return at == 0 ? "-" : out;
}

/** Paths of FUSE begin with a slash; ours are below a descriptor. */
static const char *below(const char *path) {
  return path[1] == '\0' ? "." : path + 1;
}

static int failed(int result) { return result == -1 ? -errno : result; }

static int disk_getattr(const char *path, struct stat *out,
                        struct fuse_file_info *info) {
  if (info != NULL)
    return failed(fstat(handle_of(info)->fd, out));
  return failed(fstatat(root_fd, below(path), out, AT_SYMLINK_NOFOLLOW));
}

static int disk_readlink(const char *path, char *out, size_t bytes) {
  ssize_t length = readlinkat(root_fd, below(path), out, bytes - 1);
  if (length == -1)
    return -errno;
  out[length] = '\0';
  return 0;
}

static int open_with(const char *path, int flags, mode_t mode,
                     struct fuse_file_info *info) {
  // The kernel has computed the place of a write, and makes the syncs of O_SYNC and O_DSYNC itself.
  int own = flags & ~(O_APPEND | O_DIRECT | O_SYNC | O_DSYNC);
  int fd = openat(root_fd, below(path), own | O_CLOEXEC, mode);
  if (fd == -1)
    return -errno;
  struct handle *handle = malloc(sizeof *handle);
  if (handle == NULL)
    abort();
  *handle = (struct handle){fd, ++opens};
  info->fh = (uint64_t)(uintptr_t)handle;
  char name[NAME_DIGITS + 1];
  record(NULL, 0, "open %lu %d %o %s\n", (unsigned long)handle->number, own,
         (unsigned)mode, digits(path, name));
  return 0;
}

static int disk_open(const char *path, struct fuse_file_info *info) {
  return open_with(path, info->flags, 0, info);
}

static int disk_create(const char *path, mode_t mode,
                       struct fuse_file_info *info) {
  return open_with(path, info->flags | O_CREAT, mode, info);
}

static int disk_opendir(const char *path, struct fuse_file_info *info) {
  return open_with(path, O_RDONLY | O_DIRECTORY, 0, info);
}

static int disk_release(const char *path, struct fuse_file_info *info) {
  (void)path;
  struct handle *handle = handle_of(info);
  record(NULL, 0, "close %lu\n", (unsigned long)handle->number);
  close(handle->fd);
  free(handle);
  return 0;
}

static int disk_read(const char *path, char *out, size_t bytes, off_t offset,
                     struct fuse_file_info *info) {
  (void)path;
  return failed((int)pread(handle_of(info)->fd, out, bytes, offset));
}

static int disk_write(const char *path, const char *data, size_t bytes,
                      off_t offset, struct fuse_file_info *info) {
  (void)path;
  struct handle *handle = handle_of(info);
  ssize_t written = pwrite(handle->fd, data, bytes, offset);
  if (written == -1)
    return -errno;
  record(data, (size_t)written, "write %lu %lld %zd\n",
         (unsigned long)handle->number, (long long)offset, written);
  return (int)written;
}

static int disk_truncate(const char *path, off_t size,
                         struct fuse_file_info *info) {
  char name[NAME_DIGITS + 1];
  if (info != NULL) {
    if (ftruncate(handle_of(info)->fd, size) == -1)
      return -errno;
    record(NULL, 0, "resize %lu %lld\n", (unsigned long)handle_of(info)->number,
           (long long)size);
    return 0;
  }
  int fd = openat(root_fd, below(path), O_WRONLY | O_CLOEXEC);
  if (fd == -1)
    return -errno;
  int result = failed(ftruncate(fd, size));
  close(fd);
  if (result == 0)
    record(NULL, 0, "truncate %lld %s\n", (long long)size, digits(path, name));
  return result;
}

static int disk_fallocate(const char *path, int mode, off_t offset,
                          off_t length, struct fuse_file_info *info) {
  (void)path;
  // What other modes do is not told apart in the log.
  if (mode != 0)
    return -EOPNOTSUPP;
  struct handle *handle = handle_of(info);
  int error = posix_fallocate(handle->fd, offset, length);
  if (error == 0)
    record(NULL, 0, "allocate %lu %lld %lld\n", (unsigned long)handle->number,
           (long long)offset, (long long)length);
  return -error;
}

static int disk_fsync(const char *path, int data_only,
                      struct fuse_file_info *info) {
  (void)path;
  struct handle *handle = handle_of(info);
  // The disk below need not be synced: a crash is read from the log.
  record(NULL, 0, "%s %lu\n", data_only ? "datasync" : "sync",
         (unsigned long)handle->number);
  return 0;
}

static int disk_readdir(const char *path, void *out, fuse_fill_dir_t fill,
                        off_t offset, struct fuse_file_info *info,
                        enum fuse_readdir_flags flags) {
  (void)path, (void)offset, (void)flags;
  DIR *folder = fdopendir(openat(handle_of(info)->fd, ".", O_RDONLY));
  if (folder == NULL)
    return -errno;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    struct stat type = {.st_ino = entry->d_ino,
                        .st_mode = (mode_t)DTTOIF(entry->d_type)};
    fill(out, entry->d_name, &type, 0, 0);
  }
  closedir(folder);
  return 0;
}

static int disk_mkdir(const char *path, mode_t mode) {
  char name[NAME_DIGITS + 1];
  if (mkdirat(root_fd, below(path), mode) == -1)
    return -errno;
  record(NULL, 0, "mkdir %o %s\n", (unsigned)mode, digits(path, name));
  return 0;
}

static int removed(const char *path, const char *call, int flags) {
  char name[NAME_DIGITS + 1];
  if (unlinkat(root_fd, below(path), flags) == -1)
    return -errno;
  record(NULL, 0, "%s %s\n", call, digits(path, name));
  return 0;
}

static int disk_unlink(const char *path) { return removed(path, "unlink", 0); }

static int disk_rmdir(const char *path) {
  return removed(path, "rmdir", AT_REMOVEDIR);
}

static int disk_symlink(const char *target, const char *path) {
  char name[NAME_DIGITS + 1], name2[NAME_DIGITS + 1];
  if (symlinkat(target, root_fd, below(path)) == -1)
    return -errno;
  record(NULL, 0, "symlink %s %s\n", digits(target, name), digits(path, name2));
  return 0;
}

static int disk_rename(const char *path, const char *path2, unsigned flags) {
  char name[NAME_DIGITS + 1], name2[NAME_DIGITS + 1];
  if (renameat2(root_fd, below(path), root_fd, below(path2), flags) == -1)
    return -errno;
  record(NULL, 0, "rename %u %s %s\n", flags, digits(path, name),
         digits(path2, name2));
  return 0;
}

static int disk_link(const char *path, const char *path2) {
  char name[NAME_DIGITS + 1], name2[NAME_DIGITS + 1];
  if (linkat(root_fd, below(path), root_fd, below(path2), 0) == -1)
    return -errno;
  record(NULL, 0, "link %s %s\n", digits(path, name), digits(path2, name2));
  return 0;
}

static int disk_chmod(const char *path, mode_t mode,
                      struct fuse_file_info *info) {
  (void)info;
  char name[NAME_DIGITS + 1];
  if (fchmodat(root_fd, below(path), mode, 0) == -1)
    return -errno;
  record(NULL, 0, "chmod %o %s\n", (unsigned)mode & 07777, digits(path, name));
  return 0;
}

static int disk_chown(const char *path, uid_t uid, gid_t gid,
                      struct fuse_file_info *info) {
  (void)info;
  char name[NAME_DIGITS + 1];
  if (fchownat(root_fd, below(path), uid, gid, AT_SYMLINK_NOFOLLOW) == -1)
    return -errno;
  record(NULL, 0, "chown %d %d %s\n", (int)uid, (int)gid, digits(path, name));
  return 0;
}

/** Times are not part of what a loss of power is about here. */
static int disk_utimens(const char *path, const struct timespec times[2],
                        struct fuse_file_info *info) {
  (void)info;
  return failed(utimensat(root_fd, below(path), times, AT_SYMLINK_NOFOLLOW));
}

static int disk_statfs(const char *path, struct statvfs *out) {
  (void)path;
  return failed(fstatvfs(root_fd, out));
}

static void *disk_init(struct fuse_conn_info *connection,
                       struct fuse_config *config) {
  // A write arrives before the program knows of it; held back by the kernel it would be in the log too late.
  connection->want &= ~(unsigned)FUSE_CAP_WRITEBACK_CACHE;
  // An open file whose name is gone has none, as on a disk.
  config->hard_remove = 1;
  config->nullpath_ok = 1;
  config->use_ino = 1;
  return NULL;
}

static const struct fuse_operations operations = {
    .init = disk_init,
    .getattr = disk_getattr,
    .readlink = disk_readlink,
    .mkdir = disk_mkdir,
    .unlink = disk_unlink,
    .rmdir = disk_rmdir,
    .symlink = disk_symlink,
    .rename = disk_rename,
    .link = disk_link,
    .chmod = disk_chmod,
    .chown = disk_chown,
    .truncate = disk_truncate,
    .open = disk_open,
    .create = disk_create,
    .read = disk_read,
    .write = disk_write,
    .statfs = disk_statfs,
    .release = disk_release,
    .fsync = disk_fsync,
    .opendir = disk_opendir,
    .readdir = disk_readdir,
    .releasedir = disk_release,
    .fsyncdir = disk_fsync,
    .utimens = disk_utimens,
    .fallocate = disk_fallocate,
};

int main(int count, char *given[]) {
  if (count != 4) {
    fprintf(stderr, "usage: logging-disk FOLDER LOG MOUNT\n");
    return 2;
  }
  umask(0);
  root_fd = open(given[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  log_fd = open(given[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (root_fd == -1 || log_fd == -1) {
    perror("logging-disk");
    return 1;
  }
  // One request at a time: the order of the log is the order of the calls.
  char *arguments[] = {
      given[0], given[3], "-f", "-s", "-o", "fsname=logging-disk", NULL};
  return fuse_main(6, arguments, &operations, NULL);
}
