// Composites on single files: load, copy, move, pathsync. Each is made of requests of the door; none knows a system
// call.
import { constants } from "node:fs";
import { Failed, composite, type Composite, type Going } from "./compose.ts";

const { O_RDONLY } = constants;

function* load(go: Going, [path]: readonly unknown[]): Composite {
  const req = yield* go.expect("slurp", path, 0, 0);
  go.grp.value = req.value;
  return req.result;
}

export function* copy(go: Going, [src, dst]: readonly unknown[]): Composite {
  yield* go.expect("cpfile", src, dst);
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
    ["cpfile"],
    "Copies one file: with mode 0200, then its data, times, mode and owner (as far as they may be set). A device or a FIFO gets the data alone. After an error a copy that was made is removed; what was there before stays.",
    "undefined",
    copy,
  ),
  move: composite(
    [path, newPath],
    ["rename", "cpfile", "unlink"],
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
