// cp in one crossing: the steps of a copy, each as the synchronous call that does it.
import type fs from "node:fs";
import {
  copyOptions,
  copySteps,
  type CopyStats,
  type CopySteps,
} from "../src/ops/copy-steps.ts";
import type { Frame } from "./frame.ts";
import { openDir } from "./paths.ts";
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

/** By opendir, as Node's: its errors name it. */
function namesIn(files: PlacedFs, path: string): string[] {
  const names: string[] = [];
  const dir = openDir(files, path);
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
      names.push(entry.name);
  } finally {
    dir.closeSync();
  }
  return names;
}

function stepsOf(f: Frame): CopySteps {
  // Of the source, and of both where two paths are told; and of the target.
  const { fs: from, fs2: to } = f;
  return {
    filter: () => true,
    stat(path, follow, ofSource = false) {
      const files = ofSource ? from : to;
      const stats = follow
        ? files.statSync(path, MAYBE)
        : files.lstatSync(path, MAYBE);
      return stats === undefined ? null : statsOf(stats);
    },
    find: (path, follow) =>
      statsOf(follow ? from.statSync(path, BIG) : from.lstatSync(path, BIG)),
    names: (path) => namesIn(from, path),
    mkdir: (path) => void to.mkdirSync(path),
    mkdirp: (path) => void to.mkdirSync(path, { recursive: true }),
    copyFile: (src, dest, mode) => from.copyFileSync(src, dest, mode),
    chmod: (path, mode) => to.chmodSync(path, mode),
    utimes: (path, atime, mtime) => to.utimesSync(path, atime, mtime),
    readlink: (path, ofTarget = false) =>
      (ofTarget ? to : from).readlinkSync(path),
    symlink: (target, path, type) =>
      from.symlinkSync(target, path, type as fs.symlink.Type),
    unlink: (path) => to.unlinkSync(path),
  };
}

export function copyTree(f: Frame): number {
  const options = copyOptions(f.a, f.b);
  const [src, dest] = [f.path.toString(), f.path2.toString()];
  const copying = copySteps(src, dest, options, f.starts);
  const steps = stepsOf(f);
  for (let next = copying.next(); !next.done && !f.cancelled;) {
    const [name, ...operands] = next.value;
    let outcome: unknown;
    try {
      outcome = (steps[name] as (...args: unknown[]) => unknown)(...operands);
    } catch (error) {
      next = copying.throw(error);
      continue;
    }
    next = copying.next(outcome);
  }
  return 0;
}
