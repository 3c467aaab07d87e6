// A copy with a filter: the steps of src/ops/copy-steps.ts, taken one after the other by requests.
// The filter runs between two of them, so that it may itself wait for requests of ours.
import type { Engine } from "../../engine/engine.ts";
import {
  copySteps,
  type CopyOptions,
  type CopyStats,
  type CopySteps,
} from "../../ops/copy-steps.ts";
import { Steps } from "./steps.ts";

export type Filter = (src: string, dest: string) => boolean | Promise<boolean>;

const NS_PER_MS = 1e6;

type AsyncSteps = {
  [N in keyof CopySteps]: (
    ...operands: Parameters<CopySteps[N]>
  ) => Promise<unknown> | unknown;
};

function stepsOf(ask: Steps, filter: Filter): AsyncSteps {
  const find = async (path: string, follow: boolean): Promise<CopyStats> => {
    const { mode, dev, ino, atimeNs, mtimeNs } = await ask.bigStat(
      path,
      follow,
    );
    return {
      mode: Number(mode),
      dev,
      ino,
      atimeMs: Math.round(Number(atimeNs) / NS_PER_MS),
      mtimeMs: Math.round(Number(mtimeNs) / NS_PER_MS),
    };
  };
  return {
    filter,
    find,
    stat: (path, follow) =>
      find(path, follow).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      }),
    names: async (path) => {
      const entries = await ask.list(path, "opendir");
      return entries.map(({ name }) => name);
    },
    mkdir: (path) => ask.run("mkdir", { path, a: 0o777 }),
    mkdirp: (path) => ask.run("mkdirp", { path, a: 0o777 }),
    copyFile: (path, path2, a) => ask.run("copyFile", { path, path2, a }),
    chmod: (path, a) => ask.run("chmod", { path, a }),
    utimes: (path, a, b) => ask.run("utimes", { path, a, b }),
    readlink: (path) => ask.readlink(path),
    symlink: (path, path2, type) => ask.symlink(path, path2, type),
    unlink: (path) => ask.run("unlink", { path }),
  };
}

export async function copyByRequests(
  engine: Engine,
  src: string,
  dest: string,
  options: CopyOptions,
  filter: Filter,
  given: unknown,
): Promise<void> {
  const steps = stepsOf(new Steps(engine, given), filter);
  const copying = copySteps(src, dest, options);
  for (let next = copying.next(); !next.done;) {
    const [name, ...operands] = next.value;
    let outcome: unknown;
    try {
      outcome = await (steps[name] as (...args: unknown[]) => unknown)(
        ...operands,
      );
    } catch (error) {
      next = copying.throw(error);
      continue;
    }
    next = copying.next(outcome);
  }
}
