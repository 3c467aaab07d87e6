// What the machine allows: the calls that the rows of bench:wide are made of, by two threads of C that do nothing
// else and keep no result. Prints JSON as wide/workload.mjs does; it does not know what it is compared with.
//   cc -O2 -pthread limit.c -lm -o limit
//   limit WORK BYTES FILES FOLDER SECONDS     one row: WORK as in wide/rows.mjs, FOLDER with its files
//   limit align FILE                          [offset into a page, us to write, us to read 1 MiB there] ...
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  THREADS = 2,
  PATH_BYTES = 4096,
  // As in wide/latency-counts.mjs.
  BUCKETS = 1400,
  BUCKETS_PER_E = 50,
  STREAM_BYTES = 65536,
  NEW_FILES_MAX = 20000,
  NEW_BYTES_MAX = 256 << 20,
};
static const double WARM_UP_SHARE = 0.2;

struct lane {
  pthread_t thread;
  int index;
  unsigned seed;
  unsigned turn;
  unsigned made;
  char *buffer;
  long left;
  long ops;
  double end_us;
  unsigned counts[BUCKETS];
};

static struct {
  const char *folder;
  size_t bytes;
  unsigned files;
  void (*work)(struct lane *);
  int fd;
  unsigned blocks;
} row;

static void die(const char *what) {
  fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long need(long result, const char *what) {
  if (result < 0)
    die(what);
  return result;
}

static double now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static double cpu_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/** Aligned to a page, and touched. */
static char *memory_of(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    die("mmap");
  memset(memory, 'a', bytes);
  return memory;
}

static unsigned random_below(struct lane *lane, unsigned count) {
  lane->seed = lane->seed * 1103515245u + 12345u;
  return (unsigned)(((unsigned long long)lane->seed * count) >> 32);
}

static void picked(struct lane *lane, char *path) {
  unsigned which = random_below(lane, row.files);
  snprintf(path, PATH_BYTES, "%s/%u", row.folder, which);
}

/** The threads take turns, so that they do not meet in one file. */
static void next(struct lane *lane, char *path) {
  unsigned which = (lane->turn++ * THREADS + lane->index) % row.files;
  snprintf(path, PATH_BYTES, "%s/%u", row.folder, which);
}

static void new_path(int lane, unsigned which, char *path) {
  snprintf(path, PATH_BYTES, "%s/new-%d-%u", row.folder, lane, which);
}

static off_t random_place(struct lane *lane) {
  return (off_t)random_below(lane, row.blocks) * row.bytes;
}

static void do_read(struct lane *lane) {
  need(pread(row.fd, lane->buffer, row.bytes, random_place(lane)), "pread");
}

static void do_write(struct lane *lane) {
  need(pwrite(row.fd, lane->buffer, row.bytes, random_place(lane)), "pwrite");
}

static void do_stat(struct lane *lane) {
  char path[PATH_BYTES];
  struct stat found;
  picked(lane, path);
  need(stat(path, &found), path);
}

static void do_open(struct lane *lane) {
  char path[PATH_BYTES];
  picked(lane, path);
  close(need(open(path, O_RDONLY | O_CLOEXEC), path));
}

/** Returns how many bytes it holds. */
static size_t read_whole(const char *path, char *buffer) {
  struct stat found;
  int fd = need(open(path, O_RDONLY | O_CLOEXEC), path);
  need(fstat(fd, &found), path);
  size_t size = found.st_size, done = 0;
  while (done < size) {
    ssize_t got = need(read(fd, buffer + done, size - done), path);
    if (got == 0)
      break;
    done += got;
  }
  close(fd);
  return done;
}

static void do_read_file(struct lane *lane) {
  char path[PATH_BYTES];
  picked(lane, path);
  read_whole(path, lane->buffer);
}

static void do_read_stream(struct lane *lane) {
  char path[PATH_BYTES];
  picked(lane, path);
  int fd = need(open(path, O_RDONLY | O_CLOEXEC), path);
  while (need(read(fd, lane->buffer, STREAM_BYTES), path) > 0)
    ;
  close(fd);
}

static void write_chunks(struct lane *lane, const char *path, size_t chunk) {
  int how = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  int fd = need(open(path, how, 0666), path);
  for (size_t done = 0; done < row.bytes;) {
    size_t left = row.bytes - done;
    done +=
        need(write(fd, lane->buffer + done, left < chunk ? left : chunk), path);
  }
  close(fd);
}

static void do_write_file(struct lane *lane) {
  char path[PATH_BYTES];
  next(lane, path);
  write_chunks(lane, path, row.bytes);
}

static void do_write_new(struct lane *lane) {
  char path[PATH_BYTES];
  new_path(lane->index, lane->made++, path);
  write_chunks(lane, path, row.bytes);
}

static void do_write_stream(struct lane *lane) {
  char path[PATH_BYTES];
  next(lane, path);
  write_chunks(lane, path, STREAM_BYTES);
}

static const struct {
  const char *name;
  void (*work)(struct lane *);
} works[] = {
    {"read", do_read},
    {"readAlloc", do_read},
    {"stat", do_stat},
    {"open", do_open},
    {"write", do_write},
    {"readFile", do_read_file},
    {"readFileUtf8", do_read_file},
    {"readStream", do_read_stream},
    {"writeFile", do_write_file},
    {"writeFileNew", do_write_new},
    {"writeStream", do_write_stream},
};

static void *run_lane(void *data) {
  struct lane *lane = data;
  double began = now_us();
  while (lane->left-- > 0) {
    row.work(lane);
    double now = now_us();
    long bucket = lround(log(fmax(1, (now - began) * 1e3)) * BUCKETS_PER_E);
    lane->counts[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    lane->ops++;
    // At least one, however late the thread came.
    if (now >= lane->end_us)
      break;
    began = now;
  }
  return NULL;
}

static void remove_made(struct lane *lane) {
  char path[PATH_BYTES];
  while (lane->made > 0) {
    new_path(lane->index, --lane->made, path);
    unlink(path);
  }
}

struct total {
  double us;
  double cpu_us;
};

/** In segments: between two of them made files are removed, and neither clock
 * runs. */
static struct total run_lanes(struct lane *lanes, double us) {
  struct total total = {0, 0};
  long made_max = NEW_BYTES_MAX / row.bytes + 1;
  long left = made_max < NEW_FILES_MAX ? made_max : NEW_FILES_MAX;
  bool makes = row.work == do_write_new;
  for (int i = 0; i < THREADS; i++) {
    lanes[i].ops = 0;
    memset(lanes[i].counts, 0, sizeof lanes[i].counts);
  }
  while (total.us < us) {
    double began = now_us(), cpu_began = cpu_us();
    for (int i = 0; i < THREADS; i++) {
      lanes[i].left = makes ? left / THREADS : __LONG_MAX__;
      lanes[i].end_us = began + us - total.us;
      if (pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]) != 0)
        die("pthread_create");
    }
    for (int i = 0; i < THREADS; i++)
      pthread_join(lanes[i].thread, NULL);
    total.us += now_us() - began;
    total.cpu_us += cpu_us() - cpu_began;
    for (int i = 0; i < THREADS; i++)
      remove_made(&lanes[i]);
  }
  return total;
}

static double percentile_us(const struct lane *lanes, long ops, double part) {
  double left = ceil(ops * part);
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    for (int i = 0; i < THREADS; i++)
      left -= lanes[i].counts[bucket];
    if (left <= 0)
      return exp((double)bucket / BUCKETS_PER_E) / 1e3;
  }
  return 0;
}

static int measure_row(double seconds) {
  static struct lane lanes[THREADS];
  size_t held = row.bytes > STREAM_BYTES ? row.bytes : STREAM_BYTES;
  for (int i = 0; i < THREADS; i++) {
    lanes[i].index = i;
    lanes[i].seed = 12345 + i;
    lanes[i].buffer = memory_of(held);
  }
  if (row.work == do_read || row.work == do_write) {
    char path[PATH_BYTES];
    struct stat found;
    snprintf(path, sizeof path, "%s/0", row.folder);
    row.fd = need(open(path, O_RDWR | O_CLOEXEC), path);
    need(fstat(row.fd, &found), path);
    row.blocks = found.st_size / row.bytes;
  }
  run_lanes(lanes, seconds * 1e6 * WARM_UP_SHARE);
  struct total total = run_lanes(lanes, seconds * 1e6);
  long ops = 0;
  for (int i = 0; i < THREADS; i++)
    ops += lanes[i].ops;
  printf("{\"rate\":%.3f,\"cpuUs\":%.3f,\"p50Us\":%.3f,\"p99Us\":%.3f}\n",
         ops / total.us * 1e6, total.cpu_us / ops,
         percentile_us(lanes, ops, 0.5), percentile_us(lanes, ops, 0.99));
  return 0;
}

// Trees: a list of folders that both threads take from and add to.

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  char **folders;
  size_t taken, count, room;
  int busy;
} list = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .changed = PTHREAD_COND_INITIALIZER};

static struct {
  const char *root;
  char copy[PATH_BYTES];
  void (*file)(const char *path, char *buffer);
  void (*folder)(const char *path);
  long sum;
} tree;

enum { TREE_FILE_BYTES_MAX = 1 << 20 };

static void add_to_sum(long value) {
  __atomic_add_fetch(&tree.sum, value, __ATOMIC_RELAXED);
}

static void add_folder(const char *path) {
  pthread_mutex_lock(&list.lock);
  if (list.count == list.room) {
    list.room = list.room ? list.room * 2 : 1024;
    list.folders = realloc(list.folders, list.room * sizeof *list.folders);
    if (list.folders == NULL)
      die("realloc");
  }
  list.folders[list.count++] = strdup(path);
  pthread_cond_signal(&list.changed);
  pthread_mutex_unlock(&list.lock);
}

static void visit(const char *folder, char *buffer) {
  char path[PATH_BYTES];
  DIR *opened = opendir(folder);
  if (opened == NULL)
    die(folder);
  for (struct dirent *entry; (entry = readdir(opened)) != NULL;) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
      continue;
    int bytes = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (bytes >= (int)sizeof path)
      die("a path is too long");
    if (entry->d_type != DT_DIR) {
      tree.file(path, buffer);
      continue;
    }
    if (tree.folder != NULL)
      tree.folder(path);
    add_folder(path);
  }
  closedir(opened);
}

static void *run_tree_lane(void *unused) {
  (void)unused;
  char *buffer = memory_of(TREE_FILE_BYTES_MAX);
  pthread_mutex_lock(&list.lock);
  for (;;) {
    while (list.taken == list.count && list.busy > 0)
      pthread_cond_wait(&list.changed, &list.lock);
    if (list.taken == list.count)
      break;
    const char *folder = list.folders[list.taken++];
    list.busy++;
    pthread_mutex_unlock(&list.lock);
    visit(folder, buffer);
    pthread_mutex_lock(&list.lock);
    list.busy--;
    pthread_cond_broadcast(&list.changed);
  }
  pthread_mutex_unlock(&list.lock);
  return NULL;
}

static void count_entry(const char *path, char *buffer) {
  (void)path, (void)buffer;
  add_to_sum(1);
}

static void count_folder(const char *path) {
  (void)path;
  add_to_sum(1);
}

static void add_size(const char *path, char *buffer) {
  (void)buffer;
  struct stat found;
  need(stat(path, &found), path);
  add_to_sum(found.st_size);
}

static void add_content(const char *path, char *buffer) {
  add_to_sum(read_whole(path, buffer));
}

static void copied(const char *path, char *target) {
  int bytes =
      snprintf(target, PATH_BYTES, "%s%s", tree.copy, path + strlen(tree.root));
  if (bytes >= PATH_BYTES)
    die("a path is too long");
}

static void copy_folder(const char *path) {
  char target[PATH_BYTES];
  copied(path, target);
  need(mkdir(target, 0777), target);
}

static void copy_file(const char *path, char *buffer) {
  (void)buffer;
  char target[PATH_BYTES];
  struct stat found;
  copied(path, target);
  int from = need(open(path, O_RDONLY | O_CLOEXEC), path);
  need(fstat(from, &found), path);
  int how = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  int to = need(open(target, how, found.st_mode & 0777), target);
  for (size_t left = found.st_size; left > 0;) {
    size_t got = need(copy_file_range(from, NULL, to, NULL, left, 0), target);
    if (got == 0)
      break;
    left -= got;
  }
  close(from);
  close(to);
}

static void remove_file(const char *path, char *buffer) {
  (void)buffer;
  need(unlink(path), path);
}

static const struct {
  const char *name;
  void (*file)(const char *path, char *buffer);
  void (*folder)(const char *path);
} tree_works[] = {
    {"treeReaddir", count_entry, count_folder},
    {"treeWalk", add_size, NULL},
    {"treeRead", add_content, NULL},
    {"treeCopy", copy_file, copy_folder},
    {"treeRemove", remove_file, NULL},
};

static int measure_tree(size_t which) {
  char original[PATH_BYTES];
  pthread_t threads[THREADS];
  bool removes = tree_works[which].file == remove_file;
  snprintf(original, sizeof original, "%s/tree", row.folder);
  snprintf(tree.copy, sizeof tree.copy, "%s/copy", row.folder);
  tree.root = removes ? tree.copy : original;
  tree.file = tree_works[which].file;
  tree.folder = tree_works[which].folder;
  double began = now_us(), cpu_began = cpu_us();
  if (tree.folder == copy_folder)
    copy_folder(tree.root);
  add_folder(tree.root);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, run_tree_lane, NULL) != 0)
      die("pthread_create");
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  // Each folder was found after the one that holds it.
  for (size_t i = list.count; removes && i-- > 0;)
    need(rmdir(list.folders[i]), list.folders[i]);
  double us = now_us() - began;
  printf("{\"rate\":%.6f,\"cpuUs\":%.1f,\"p50Us\":%.1f,\"p99Us\":%.1f,"
         "\"sum\":%ld}\n",
         1e6 / us, cpu_us() - cpu_began, us, us, tree.sum);
  return 0;
}

static int measure_alignment(const char *path) {
  enum { BYTES = 1 << 20, ROUNDS = 50 };
  static const int offsets[] = {0,  1,  4,  8,  12, 15,   16,   20,   24,
                                28, 31, 32, 48, 64, 2048, 4064, 4080, 4095};
  char *memory = memory_of(BYTES * 2);
  int fd = need(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), path);
  need(pwrite(fd, memory, BYTES, 0), path);
  printf("[");
  for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    double write_us = INFINITY, read_us = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      double began = now_us();
      need(pwrite(fd, memory + offsets[i], BYTES, 0), path);
      double middle = now_us();
      need(pread(fd, memory + offsets[i], BYTES, 0), path);
      write_us = fmin(write_us, middle - began);
      read_us = fmin(read_us, now_us() - middle);
    }
    printf("%s[%d,%.1f,%.1f]", i > 0 ? "," : "", offsets[i], write_us, read_us);
  }
  printf("]\n");
  close(fd);
  unlink(path);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "align") == 0)
    return measure_alignment(argv[2]);
  if (argc != 6) {
    fprintf(stderr, "usage: limit WORK BYTES FILES FOLDER SECONDS\n"
                    "       limit align FILE\n");
    return 2;
  }
  row.bytes = strtoul(argv[2], NULL, 10);
  row.files = strtoul(argv[3], NULL, 10);
  row.folder = argv[4];
  if (row.bytes == 0)
    row.bytes = 1;
  for (size_t i = 0; i < sizeof tree_works / sizeof *tree_works; i++)
    if (strcmp(argv[1], tree_works[i].name) == 0)
      return measure_tree(i);
  for (size_t i = 0; i < sizeof works / sizeof *works; i++)
    if (strcmp(argv[1], works[i].name) == 0) {
      row.work = works[i].work;
      return measure_row(strtod(argv[5], NULL));
    }
  fprintf(stderr, "limit: there is no work %s\n", argv[1]);
  return 2;
}
