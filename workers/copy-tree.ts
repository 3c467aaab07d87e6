// cp in one crossing: the steps of a copy, each as the synchronous call that does it.
import fs from "node:fs";
import {
  copySteps,
  type CopyOptions,
  type CopyStats,
  type CopySteps,
} from "../src/ops/copy-steps.ts";
import type { Frame } from "./frame.ts";
import { openDir } from "./paths.ts";

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
function namesIn(path: string): string[] {
  const names: string[] = [];
  const dir = openDir(path);
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
      names.push(entry.name);
  } finally {
    dir.closeSync();
  }
  return names;
}

const steps: CopySteps = {
  filter: () => true,
  stat(path, follow) {
    const stats = follow ? fs.statSync(path, MAYBE) : fs.lstatSync(path, MAYBE);
    return stats === undefined ? null : statsOf(stats);
  },
  find: (path, follow) =>
    statsOf(follow ? fs.statSync(path, BIG) : fs.lstatSync(path, BIG)),
  names: namesIn,
  mkdir: (path) => void fs.mkdirSync(path),
  mkdirp: (path) => void fs.mkdirSync(path, { recursive: true }),
  copyFile: fs.copyFileSync,
  chmod: fs.chmodSync,
  utimes: fs.utimesSync,
  readlink: (path) => fs.readlinkSync(path),
  symlink: (target, path, type) =>
    fs.symlinkSync(target, path, type as fs.symlink.Type),
  unlink: fs.unlinkSync,
};

export function copyTree(f: Frame): number {
  const options = JSON.parse(f.data.toString()) as CopyOptions;
  const copying = copySteps(f.path.toString(), f.path2.toString(), options);
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
