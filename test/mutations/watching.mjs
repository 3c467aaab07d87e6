// Mistakes in what watches trees; see table.mjs.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const watching = [
  ...of(
    "src/api/watch-tree/follower.ts",
    "test/api/watch-tree/watch-tree.test.ts",
    // A rename that replaces something, without its removal.
    ["    this.#remove(target);\n    this.#move(", "    this.#move("],
    ["if (this.#ignores !== null) this.revisit(folder);", ""],
    [
      "if (isBack(target, place, next)) {",
      "if (isBack(place, target, next)) {",
    ],
  ),
  ...of(
    "src/api/watch-tree/matcher.ts",
    "test/api/watch-tree/watch-tree.test.ts",
    [
      "    if (from !== null) {\n      this.#displaced",
      "    if (false) {\n      this.#displaced",
    ],
  ),
  ...of(
    "src/api/watch-tree/kernel-watch.ts",
    "test/api/watch-tree/watch-tree.test.ts",
    ["        this.#lost = true;\n        continue;", "        continue;"],
  ),
  ...of(
    "src/api/watch-tree/kernel-watch.ts",
    "test/api/watch-tree/fanotify.test.ts",
    // What fanotify says of a folder itself is said nowhere else.
    ["return this.#means.notesNames\n", "return true\n"],
  ),
  ...of(
    "native-aio/src/fan-notes.c",
    "test/native/fan-notes.test.ts",
    // The event where it is: its head is not aligned there.
    [
      "add(n, event.mask,",
      "add(n, ((const struct fanotify_event_metadata *)at)->mask,",
    ],
    ["if (length < sizeof event || length > left)", "if (true)"],
  ),
  ...of(
    "src/api/watch-tree/follower.ts",
    "test/api/watch-tree/fanotify.test.ts",
    ["else this.#compareOwn(folder, folder.parent, survey);", ""],
  ),
  ...of(
    "src/api/watch-tree/linux.ts",
    "test/api/watch-tree/watches.test.ts",
    // The watches are kept; what was watched by them is not looked at again; whoever may not mark tries for each folder.
    ["      before.forget(folder);\n", ""],
    ['      this.#notices.push({ what: "folder", folder });\n', ""],
    ["if (why !== EPERM) return;", "return;"],
    // A folder that inotify refuses when fanotify comes first by then.
    ["if (by !== this.#first) return this.#first;", ""],
    // Where the root cannot be marked, and nobody chose that, inotify has it.
    [
      'folder.parent === null && this.#chosen === "fanotify"',
      'folder.parent === null && by.method === "fanotify"',
    ],
  ),
  ...of(
    "native-aio/src/fan-notes.c",
    "test/api/watch-tree/fanotify.test.ts",
    // What happens elsewhere on the file system; half a rename; what is lost.
    ["if (said.from.folder < 0 && said.to.folder < 0)", "if (false)"],
    ["  put(n, said.to, IN_MOVED_TO, cookie);\n", ""],
    [
      "if ((mask & FAN_Q_OVERFLOW) != 0) {\n    n->lost = true;",
      "if ((mask & FAN_Q_OVERFLOW) != 0) {",
    ],
    [
      "if (!make_room(n, sizeof event + event.len)) {\n    n->lost = true;",
      "if (!make_room(n, sizeof event + event.len)) {",
    ],
  ),
  ...of(
    "native-aio/src/fan-folders.c",
    "test/native/fan-notes.test.ts",
    // A number that was another folder's; one folder with two; one that is gone and still found.
    ["f->number = all->numbers++;", "f->number = (int)all->count;"],
    ["  if (known != NULL)\n    return known->number;\n", "  (void)known;\n"],
    ["  *at = f->next_by_number;\n", ""],
  ),
];
