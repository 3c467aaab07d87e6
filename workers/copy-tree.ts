// cp in one crossing: the steps of a copy, each as the synchronous call that does it. It does not know their order.
import type fs from "node:fs";
import { bytesOf, pathOf, type ByteText } from "../src/ops/byte-text.ts";
import {
  ONLY_NATIVE,
  copyOptions,
  copySteps,
  type CopyStats,
  type CopySteps,
} from "../src/ops/copy-steps.ts";
import { takeSteps } from "../src/ops/steps.ts";
import type { Frame } from "./frame.ts";
import { openDir } from "./paths.ts";
import { makeAll } from "./make-folders.ts";
import type { PlacedFs } from "./places.ts";

const MAYBE = { bigint: true, throwIfNoEntry: false } as const;
const BIG = { bigint: true } as const;

const statsOf = ({
  mode,
  dev,
  ino,
  atimeNs,
  mtimeNs,
}: fs.BigIntStats): CopyStats => ({
  mode: Number(mode),
  dev,
  ino,
  atimeMs: Math.round(Number(atimeNs) / 1e6),
  mtimeMs: Math.round(Number(mtimeNs) / 1e6),
});

/** Names, and what links lead to, in bytes. */
const BYTES = "latin1" as "utf8";

/** By opendir, as Node's: its errors name it. */
function namesIn(files: PlacedFs, path: string | Buffer): ByteText[] {
  const names: ByteText[] = [];
  const dir = openDir(files, path, { encoding: BYTES });
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
      names.push(entry.name);
  } finally {
    dir.closeSync();
  }
  return names;
}

function stepsOf(f: Frame): CopySteps {
  // Of the source, and of both where two paths are given; and of the target.
  const { fs: from, fs2: to } = f;
  return {
    filter: () => true,
    stat(path, follow, ofSource = false) {
      const files = ofSource ? from : to;
      const stats = follow
        ? files.statSync(pathOf(path), MAYBE)
        : files.lstatSync(pathOf(path), MAYBE);
      return stats === undefined ? null : statsOf(stats);
    },
    find: (path, follow) =>
      statsOf(
        follow
          ? from.statSync(pathOf(path), BIG)
          : from.lstatSync(pathOf(path), BIG),
      ),
    names: (path) => namesIn(from, pathOf(path)),
    mkdir: (path) => void to.mkdirSync(pathOf(path)),
    mkdirp: (path) => void makeAll(to, pathOf(path)),
    copyFile: (src, dest, mode) =>
      from.copyFileSync(pathOf(src), pathOf(dest), mode),
    chmod: (path, mode) => to.chmodSync(pathOf(path), mode),
    utimes: (path, atime, mtime) => to.utimesSync(pathOf(path), atime, mtime),
    readlink: (path, ofTarget = false) =>
      (ofTarget ? to : from).readlinkSync(pathOf(path), BYTES),
    symlink: (target, path, type) =>
      from.symlinkSync(pathOf(target), pathOf(path), type as fs.symlink.Type),
    unlink: (path) => to.unlinkSync(pathOf(path)),
  };
}

export function copyTree(f: Frame): number {
  if ((f.a & ONLY_NATIVE) !== 0) return 1;
  const options = copyOptions(f.a, f.b);
  const { src, dest, within } = f.starts;
  const copying = copySteps(bytesOf(f.path), bytesOf(f.path2), options, {
    src: bytesOf(src),
    dest: bytesOf(dest),
    within,
  });
  takeSteps(copying, stepsOf(f), () => !f.cancelled);
  return 0;
}
