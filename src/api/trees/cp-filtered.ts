// A copy with a filter: the steps of src/ops/copy-steps.ts, taken one after the other by requests.
// The filter runs between two of them, so that it may itself wait for requests of ours.
import type { Engine } from "../../engine/engine.ts";
import {
  copySteps,
  type CopyOptions,
  type CopyStarts,
  type CopyStats,
  type CopySteps,
} from "../../ops/copy-steps.ts";
import { awaitSteps } from "../../ops/steps.ts";
import { decodeNone } from "../../request/results.ts";
import { startFor } from "../wd/scope.ts";
import { startOf } from "../wd/start.ts";
import { Steps, type Side } from "./steps.ts";

export type Filter = (src: string, dest: string) => boolean | Promise<boolean>;

const NS_PER_MS = 1e6;

type AsyncSteps = {
  [N in keyof CopySteps]: (
    ...operands: Parameters<CopySteps[N]>
  ) => Promise<unknown> | unknown;
};

function stepsOf(ask: Steps, filter: Filter): AsyncSteps {
  const find = async (
    path: string,
    follow: boolean,
    side: Side = "wd",
  ): Promise<CopyStats> => {
    const stats = await ask.bigStat(path, follow, side);
    const { mode, dev, ino, atimeNs, mtimeNs } = stats;
    return {
      mode: Number(mode),
      dev,
      ino,
      atimeMs: Math.round(Number(atimeNs) / NS_PER_MS),
      mtimeMs: Math.round(Number(mtimeNs) / NS_PER_MS),
    };
  };
  const change = (
    name: "mkdir" | "mkdirp" | "chmod" | "utimes" | "unlink",
    fields: { path: string; a?: number; b?: number },
  ): Promise<void> => ask.run<void>(name, fields, decodeNone, null, "destWd");
  return {
    filter,
    find: (path, follow) => find(path, follow),
    stat: (path, follow, ofSource = false) =>
      find(path, follow, ofSource ? "wd" : "destWd").catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return null;
          throw error;
        },
      ),
    names: async (path) => {
      const entries = await ask.list(path, "opendir");
      return entries.map(({ name }) => name);
    },
    mkdir: (path) => change("mkdir", { path, a: 0o777 }),
    mkdirp: (path) => change("mkdirp", { path, a: 0o777 }),
    copyFile: (path, path2, a) => ask.run("copyFile", { path, path2, a }),
    chmod: (path, a) => change("chmod", { path, a }),
    utimes: (path, a, b) => change("utimes", { path, a, b }),
    readlink: (path, ofTarget = false) =>
      ask.readlink(path, ofTarget ? "destWd" : "wd"),
    symlink: (path, path2, type) => ask.symlink(path, path2, type),
    unlink: (path) => change("unlink", { path }),
  };
}

function startsOf(engine: Engine, given: unknown): CopyStarts {
  const from = startFor(engine, given);
  const { destWd } = (given ?? {}) as { destWd?: unknown };
  const to = destWd === undefined ? from : startOf("options.destWd", destWd);
  const [src, dest] = [from?.path ?? "", to?.path ?? ""];
  return { src, dest, within: to?.keeps ?? false };
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
  const copying = copySteps(src, dest, options, startsOf(engine, given));
  await awaitSteps(copying, steps);
}
