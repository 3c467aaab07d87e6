// Whole trees in one crossing: remove, copy, resolve.
import fs from "node:fs";
import type { Frame } from "./frame.ts";

export function removeTree(f: Frame): number {
  fs.rmSync(f.path.toString(), {
    recursive: f.a !== 0,
    force: f.b !== 0,
    maxRetries: f.c,
    retryDelay: f.d,
  });
  return 0;
}

export function copyTree(f: Frame): number {
  const options = JSON.parse(f.data.toString()) as fs.CopySyncOptions;
  fs.cpSync(f.path.toString(), f.path2.toString(), options);
  return 0;
}

export function realpathWalk(f: Frame): number {
  return f.send(fs.realpathSync(f.path, { encoding: "buffer" }));
}
