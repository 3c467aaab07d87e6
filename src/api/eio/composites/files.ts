// Composites on single files: load, copy, move, pathsync. Each is made of requests of the door; none knows a system
// call.
import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { errnoOf } from "../../../request/errors.ts";
import { numberOf } from "../request.ts";
import { Failed, composite, type Composite, type Going } from "./compose.ts";

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const MODE_BITS = 0o7777;
/** Nobody reads a copy before it is whole. */
const ONLY_WRITTEN = 0o200;
/** The most that Linux sends at once. */
const SEND_MAX_BYTES = 0x7ffff000;
const MS_PER_S = 1000;
const failure = (code: string): Failed => new Failed(numberOf(errnoOf(code)));

function* load(go: Going, [path]: readonly unknown[]): Composite {
  const req = yield* go.expect("slurp", path, 0, 0);
  go.grp.value = req.value;
  return req.result;
}

export function* copy(go: Going, [src, dst]: readonly unknown[]): Composite {
  const { result: from } = yield* go.expect("open", src, O_RDONLY, 0);
  try {
    const { value } = yield* go.expect("fstat", from);
    const source = value as Stats;
    yield* copyTo(go, from, source, dst);
  } finally {
    yield* go.always("close", from);
  }
  return 0;
}

function* copyTo(
  go: Going,
  from: number,
  source: Stats,
  dst: unknown,
): Composite {
  const flags = O_CREAT | O_WRONLY;
  let opened = yield* go.try("open", dst, flags | O_EXCL, ONLY_WRITTEN);
  const made = opened.result >= 0;
  if (!made && opened.code === "EEXIST")
    opened = yield* go.try("open", dst, flags, ONLY_WRITTEN);
  if (opened.result < 0) throw Failed.of(opened);
  const to = opened.result;
  let whole = false;
  let target: Stats | undefined;
  try {
    // Also after a cancel: what was made is to be removed.
    const looked = yield* go.always("fstat", to);
    if (looked.result < 0) throw Failed.of(looked);
    target = looked.value as Stats;
    if (sameFile(source, target)) throw failure("EINVAL");
    if (target.isFile()) yield* go.expect("ftruncate", to, 0);
    yield* send(go, from, to, source.size);
    whole = true;
    if (target.isFile()) yield* describe(go, to, source);
  } finally {
    yield* go.always("close", to);
    if (made && !whole && target !== undefined) yield* undo(go, dst, target);
  }
  return 0;
}

/** A device or a FIFO stays what it is; a file gets what the source has, as far as it may be set. */
function* describe(go: Going, to: number, source: Stats): Composite {
  const { atimeMs, mtimeMs, mode, uid, gid } = source;
  yield* go.always("futime", to, atimeMs / MS_PER_S, mtimeMs / MS_PER_S);
  yield* go.always("fchmod", to, mode & MODE_BITS);
  yield* go.always("fchown", to, uid, gid);
  return 0;
}

/** Removes what this copy has made, unless something else has taken its place. */
function* undo(go: Going, dst: unknown, made: Stats): Composite {
  const { result, value } = yield* go.always("lstat", dst);
  if (result === 0 && sameFile(value as Stats, made))
    yield* go.always("unlink", dst);
  return 0;
}

const sameFile = (a: Stats, b: Stats): boolean =>
  a.dev === b.dev && a.ino === b.ino;

/** A source that became shorter is an error: what is there is no copy. */
function* send(go: Going, from: number, to: number, size: number): Composite {
  let sent = 0;
  do {
    const count = Math.min(size - sent, SEND_MAX_BYTES);
    const { result } = yield* go.expect("sendfile", to, from, sent, count);
    if (result === 0 && size > 0) throw failure("EIO");
    sent += result;
  } while (sent < size);
  return 0;
}

export function* move(go: Going, [src, dst]: readonly unknown[]): Composite {
  const renamed = yield* go.try("rename", src, dst);
  if (renamed.result === 0) return 0;
  if (renamed.code !== "EXDEV") throw Failed.of(renamed);
  const copied = yield* go.within(copy, src, dst);
  if (copied.result < 0) throw Failed.of(copied);
  yield* go.expect("unlink", src);
  return 0;
}

function* pathsync(go: Going, [path]: readonly unknown[]): Composite {
  const { result: fd } = yield* go.expect("open", path, O_RDONLY, 0);
  try {
    yield* go.expect("fsync", fd);
  } finally {
    yield* go.always("close", fd);
  }
  return 0;
}

const path = ["path", "path"] as const;
const newPath = ["new_path", "path"] as const;

export const fileComposites = {
  load: composite(
    [path],
    ["slurp"],
    "Reads a whole file: `value` is its bytes, the result how many.",
    "Buffer",
    load,
  ),
  copy: composite(
    [path, newPath],
    ["open", "fstat", "ftruncate", "sendfile", "futimes", "fchmod", "fchown"],
    "Copies one file: with mode 0200, then its data, times, mode and owner (as far as they may be set). A device or a FIFO gets the data alone. After an error a copy that was made is removed; what was there before stays.",
    "undefined",
    copy,
  ),
  move: composite(
    [path, newPath],
    ["rename", "unlink"],
    "Renames a file, or copies it and removes it where that is another file system.",
    "undefined",
    move,
  ),
  pathsync: composite(
    [path],
    ["open", "fsync", "close"],
    "Opens, syncs and closes: for a folder after a rename in it.",
    "undefined",
    pathsync,
  ),
};
