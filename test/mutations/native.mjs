// Mistakes in the C core; see table.mjs.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const native = [
  ...of(
    "native-aio/src/copy-file.c",
    "test/api/files/copy-file.test.ts",
    // Holes are no part of a digest; what is behind the last one, neither.
    ["digest_add_zeros(c->hand.digest, bytes);", "(void)0;"],
    ["note_hole(c, bytes - (uint64_t)at);", ";"],
    // The kernel copies, and nobody sees the data.
    [" || record->digest != NULL,", ","],
  ),
  ...of(
    "native-aio/src/copy-tree.c",
    "test/native/large-folder.test.ts",
    // Nobody comes to help with the files of one folder.
    ["if (is_worth && !t->offered)", "if (is_worth && t->offered)"],
    // Whoever fails first is reported, wherever that is in the folder.
    [
      "if (c->error == 0 || is_before_failure(c, p->in, p->entry)) {",
      "if (c->error == 0) {",
    ],
  ),
  ...of(
    "native-aio/src/spew-atomic.c",
    "test/power/fuse.test.ts",
    // What the simulated disk does not see, since it has other executors: the file, or its folder, is not synced.
    ["if (result == 0 && r->durable)", "if (false)"],
    ["int result = calls->fsync(fd, false);", "int result = 0;"],
  ),
  ...of(
    "native-aio/src/copy-by-hand.c",
    "test/api/files/copy-file.test.ts",
    // What is no whole block is refused, and nobody goes the other way.
    ["if (count != -EINVAL || !c->direct)", "if (true)"],
  ),
  ...of(
    "native-aio/src/sha256.c",
    "test/native/sha256.test.ts",
    ["(s->bytes + LENGTH_BYTES) % SHA256_BLOCK_BYTES;", "0;"],
    ["(right(e, 6) ^ right(e, 11)", "(right(e, 7) ^ right(e, 11)"],
  ),
  // The path is not restored for whoever comes next.
  ...of("native-aio/src/nowait.c", "test/native/slurp.test.ts", [
    "memcpy(block, path, path_bytes);",
    "(void)path_bytes;",
    "test/native/slurp.test.ts",
    "by its own path",
  ]),
  ...of(
    "native-aio/src/nowait.c",
    "test/native/at-once.test.ts",
    // An opened file stays without waiting; one that was written, or has no name, is closed by the loop's thread.
    ["fcntl(fd, F_SETFL, 0) == 0", "true"],
    ["(flags & (O_ACCMODE | O_PATH)) != O_RDONLY", "false"],
    ["stats.stx_nlink == 0 || ", ""],
  ),
  ...of("native-aio/src/nowait-reads.c", "test/native/at-once.test.ts", [
    "count == -EOPNOTSUPP && is_memory_file(fd)",
    "false",
  ]),
  ...of(
    "native-aio/src/sys-dents.c",
    "test/api/eio/readdirplus.test.ts",
    ["  row[0] = result;\n", ""],
    ["e->type = (uint8_t)((stats.stx_mode & S_IFMT) >> TYPE_SHIFT);", ""],
    ["AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &stats", "0, &stats"],
  ),
  ...of(
    "native-aio/src/cp-file.c",
    "test/api/eio/composites.test.ts",
    ["if (result < 0 && c->made && c->target.stx_ino != 0)", "if (false)"],
    ["c->made = c->to >= 0;", "c->made = true;"],
    ["if (stats_are_of_one_file(&c->source, &c->target))", "if (false)"],
    ["if (result == 0 && is_file)", "if (false)"],
  ),
  ...of(
    "native-aio/src/resolve.c",
    "test/native/place.test.ts",
    // `..` accepted as a name.
    ["return alone && (dots == 1 || dots == 2);", "return alone && dots == 1;"],

    ["bool followed = way == PLACE_TARGET ||", "bool followed ="],
  ),
  ...of(
    "native-aio/src/nowait.c",
    "test/native/slurp.test.ts",
    // The path is not restored for whoever comes next.

    ["&stats) || !S_ISREG(stats.stx_mode)", "&stats)"],
  ),
  ...of(
    "native-aio/src/uring-slurp.c",
    "test/native/slurp.test.ts",
    // A file that has grown is taken for whole.
    ["(uint32_t)job->size + 1;", "(uint32_t)job->size;"],
    ["bool whole = result == job->size;", "bool whole = result >= job->size;"],
    // One that is cut off is, too.
    [
      "bool whole = result == job->size;",
      "bool whole = result >= 0 && result <= job->size;",
    ],
    // The path is not restored for whoever comes next.
    [
      "memcpy(slot_block(m, slot), job->path, job->path_bytes);",
      "(void)slot_block(m, slot);",
    ],
    // The file stays open.
    ["calls->close(s->jobs[slot]->fd);", ""],
    [
      "return result == -ECANCELED ? result : SPECIAL_DECLINED;",
      "return result;",
    ],
  ),
  ...of(
    "native-aio/src/syscalls.c",
    "test/native/system-calls.test.ts",
    // What a signal breaks off is not made again.
    [
      "while (answer == -1 && errno == EINTR)",
      "while (false)",
      "test/native/system-calls.test.ts",
      "fails rename",
    ],
    // A close that a signal breaks off has closed.
    [
      "if (answer == 0 || errno == EINTR || errno == EINPROGRESS)",
      "if (answer == 0 || errno == EINPROGRESS)",
      "test/native/system-calls.test.ts",
      "fails write$",
    ],
  ),
  ...of(
    "native-aio/src/copy-tree.c",
    "test/native/trees.test.ts",
    // What could not be copied to its end stays.
    [
      "calls->unlink(p->to, p->to_name, 0);",
      "(void)p;",
      "test/native/system-calls.test.ts",
      "fails cp, a file",
    ],
    [
      "(c->switches & VERBATIM_SYMLINKS) == 0 &&",
      "",
      "test/native/trees.test.ts",
      "a random tree",
    ],
    [
      "stats.stx_mode & MODE_BITS",
      "0700",
      "test/native/trees.test.ts",
      "a random tree",
    ],
  ),
  ...of(
    "native-aio/src/files.c",
    "test/native/jobs.test.ts",
    // `flush: true` without fsync, in native code.
    [
      "if (result == 0 && slot_number(w, NUMBERS_C) != 0) {",
      "if (result == 0 && slot_number(w, NUMBERS_C) == 7) {",
      "test/api/flush.test.ts",
    ],
    ["if (result == 0 && closed < 0) {", "if (result == 0 && closed > 0) {"],
  ),
  ...of(
    "native-aio/src/copy-file.c",
    "test/native/system-calls.test.ts",
    [
      "return stats_are_of_one_file(source, &stats) ? 1 : calls->truncate(fd, 0);",
      "(void)stats_are_of_one_file(source, &stats);\n  return calls->truncate(fd, 0);",
      "test/native/copies.test.ts",
    ],
    ["  case EXDEV:\n", "", "test/native/jobs.test.ts"],
  ),
  ...of("native-aio/src/make-folder.c", "test/native/jobs.test.ts", [
    'return job_fail(m, slot, result, "mkdir", path, NULL);',
    'return job_fail(m, slot, result, "mkdir", whole, NULL);',
  ]),
  ...of("workers/remove-tree.ts", "test/api/trees/rm.test.ts", [
    "if (!NOT_EMPTY.has(code)) throw error;",
    "void NOT_EMPTY;",
    "test/api/trees/rm.test.ts",
    "on the portable pool",
  ]),
  ...of("native-aio/src/rm-tree.c", "test/native/trees.test.ts", [
    "return r.kept ? SPECIAL_DECLINED : 0;",
    "return 0;",
    "test/native/trees.test.ts",
    "a call in the middle",
  ]),
  ...of("native-aio/src/rm-tree.c", "test/native/trees.test.ts", [
    "  mark(&f->kept);\n  return false;",
    "  return true;",
    "test/native/trees.test.ts",
    "not writable",
  ]),
  ...of("native-aio/src/spew-atomic.c", "test/api/atomic/privacy.test.ts", [
    "if (bytes == -ENOENT || bytes == -EINVAL)",
    "if (bytes == -EINVAL)",
    "test/api/atomic/write-file-atomic.test.ts",
  ]),
  ...of("native-aio/src/stats.c", "test/api/batches/batches.test.ts", [
    "(double)t.tv_nsec / 1000000.0",
    "(double)(t.tv_nsec / 1000000)",
  ]),
  ...of("native-aio/src/times.c", "test/native/times.test.ts", [
    "if (t.tv_nsec < 0) {",
    "if (t.tv_nsec < -NS_PER_S) {",
  ]),
  ...of(
    "native-aio/src/text.c",
    "test/native/text.test.ts",
    ["lead == 0xed ? 0x9f", "lead == 0xed ? 0xbf"],
    ["lead < 0xc2   ? 0", "lead < 0xc0   ? 0"],
    ["lead == 0xf0 ? 0x90", "lead == 0xf0 ? 0x80"],
  ),
  ...of("native-aio/src/job.c", "test/native/garbage.test.ts", [
    "w[SLOT_BLOCK_TAG] == block_tag(w, slot) &&",
    "block_tag(w, slot) != 0 &&",
  ]),
  ...of("native-aio/src/crew.c", "test/native/garbage.test.ts", [
    "if (slot < 0 || slot >= c->memory.slots)",
    "if (slot < 0)",
  ]),
  ...of(
    "native-aio/src/assertions.c",
    "test/native/checks.test.ts",
    ["if (!fits_block(w[SLOT_PATH]))", "if (w[SLOT_PATH] < 0)"],
    [
      "offset + (bytes > room ? bytes : room) <= m->bytes_max",
      "offset + (bytes > room ? bytes : room) * 0 <= m->bytes_max",
    ],
  ),
  ...of("native-aio/src/send-file.c", "test/native/send-file.test.ts", [
    "return count >= 0;",
    "return count >= -1000;",
  ]),
  ...of(
    "native-aio/src/small-files.c",
    "test/native/small-files.test.ts",
    // Whoever goes on begins with the first byte, and by the path.
    ["lseek(file->fd, 0, SEEK_SET) < 0", "lseek(file->fd, 0, SEEK_CUR) < 0"],
    [
      "  memcpy(slot_block(m, file->slot), s->paths[index],\n         (size_t)slot_words(m, file->slot)[SLOT_PATH]);",
      "  (void)s, (void)index;",
    ],
    ["s->results[i] != -ENOENT;", "s->results[i] == -EAGAIN;"],
  ),
  ...of(
    "native-aio/src/nowait.c",
    "test/native/reads-together.test.ts",
    // Each is found by its own place in the list.
    ["r->results[at[i]],", "r->results[0],"],
  ),
  ...of(
    "native-aio/src/nowait-reads.c",
    "test/native/reads-together.test.ts",
    // Where io_uring was not chosen none is read with others.
    ["lane->memory.control[CONTROL_USES_RINGS] == 0 ||", ""],
    [
      "!are_of_few_files(lane, list, count) ||",
      "are_of_few_files(NULL, list, 0) ||",
    ],
  ),
  // A ring takes no notice of a position in a pipe, and waits for it.
  ...of(
    "native-aio/src/reads-together.c",
    "test/native/reads-together.test.ts",
    ["!regular_files_has(&r->regular, fd)", "fd < 0"],
  ),
  ...of("native-aio/src/crew-files.c", "test/native/small-files.test.ts", [
    "  return true;\n}\n\nbool crew_read_left",
    "  return outcome->ended > 0;\n}\n\nbool crew_read_left",
  ]),
  ...of("native-aio/src/files.c", "test/native/small-files.test.ts", [
    "    wait_for_writer(file->fd);",
    "    (void)wait_for_writer;",
  ]),
  // What hangs in a call when its thread ends: its memory goes with the thread, or what it was to write is another's by then.
  ...of(
    "native-aio/src/crew-object.c",
    "test/native/terminated-hanging.test.ts",
    ["    keep_for_good(held->env, held->pinned, &held->memory);\n", ""],
  ),
  ...of(
    "native-aio/src/kept-memory.c",
    "test/native/terminated-lending.test.ts",
    ['  keep_array(env, v8, property(env, v8, request, "data"));\n', ""],
    [
      "  for (uint32_t i = 0; i < count; i++)\n    keep_array(env, v8, v8->element",
      "  for (uint32_t i = 1; i < count; i++)\n    keep_array(env, v8, v8->element",
    ],
  ),
  ...of("native-aio/src/crew.c", "test/native/terminated-hanging.test.ts", [
    "  if (!gone)\n    cancel_all(c);\n",
    "  (void)cancel_all;\n",
  ]),
  ...of("native-aio/src/files.c", "test/native/terminated-hanging.test.ts", [
    "slot_cancelled(w)\n          ? -ECANCELED",
    "false\n          ? -ECANCELED",
  ]),
  // What is made late takes memory that may not be there, and a request waits for ever.
  ...of("src/backends/native.ts", "test/native/failing-calls.test.ts", [
    "if (known !== undefined) return known;",
    "void known;",
  ]),
];
