// A copy with a filter: the steps of src/ops/copy-steps.ts, taken one after the other by requests.
// The filter runs between two of them, so that it may itself wait for requests of ours. Some of the steps may be a caller's own.
import type { Submitter } from "../submitter.ts";
import { bytesOf, pathOf, textOf, type ByteText } from "../../ops/byte-text.ts";
import {
  copySteps,
  type CopyOptions,
  type CopyStarts,
  type CopyStats,
  type CopySteps,
} from "../../ops/copy-steps.ts";
import { awaitSteps } from "../../ops/steps.ts";
import { decodeNone } from "../../request/results.ts";
import type { Terms } from "../terms.ts";
import { Steps, type Side } from "./steps.ts";

export type Filter = (src: string, dest: string) => boolean | Promise<boolean>;

const NS_PER_MS = 1e6;

export type AsyncSteps = {
  [N in keyof CopySteps]: (
    ...operands: Parameters<CopySteps[N]>
  ) => Promise<unknown> | unknown;
};

function stepsOf(steps: Steps, filter: Filter): AsyncSteps {
  const find = async (
    path: ByteText,
    follow: boolean,
    side: Side = "wd",
  ): Promise<CopyStats> => {
    const stats = await steps.bigStat(pathOf(path), follow, side);
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
    path: ByteText,
    fields: { a?: number; b?: number } = {},
  ): Promise<void> => {
    const all = { path: pathOf(path), ...fields };
    return steps.run<void>(name, all, decodeNone, null, "destWd");
  };
  return {
    filter: (src, dest) => filter(textOf(src), textOf(dest)),
    find: (path, follow) => find(path, follow),
    stat: (path, follow, ofSource = false) =>
      find(path, follow, ofSource ? "wd" : "destWd").catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return null;
          throw error;
        },
      ),
    names: async (path) => {
      const entries = await steps.list(pathOf(path), "opendir", "latin1");
      return entries.map(({ name }) => name);
    },
    mkdir: (path) => change("mkdir", path, { a: 0o777 }),
    mkdirp: (path) => change("mkdirp", path, { a: 0o777 }),
    copyFile: (src, dest, a) =>
      steps.run("copyFile", { path: pathOf(src), path2: pathOf(dest), a }),
    chmod: (path, a) => change("chmod", path, { a }),
    utimes: (path, a, b) => change("utimes", path, { a, b }),
    readlink: async (path, ofTarget = false) =>
      bytesOf(await steps.readlink(pathOf(path), ofTarget ? "destWd" : "wd")),
    symlink: (target, path, type) =>
      steps.symlink(pathOf(target), pathOf(path), type),
    unlink: (path) => change("unlink", path),
  };
}

const startsOf = ({ wd, destWd }: Terms): CopyStarts => ({
  src: bytesOf(wd?.path ?? ""),
  dest: bytesOf(destWd?.path ?? ""),
  within: destWd?.keeps ?? false,
});

export async function copyByRequests(
  engine: Submitter,
  src: string,
  dest: string,
  options: CopyOptions,
  filter: Filter,
  terms: Terms,
  others: (
    requests: Steps,
    own: AsyncSteps,
  ) => Partial<AsyncSteps> = () => ({}),
): Promise<void> {
  const requests = new Steps(engine, terms);
  const own = stepsOf(requests, filter);
  const steps = { ...own, ...others(requests, own) };
  const copying = copySteps(
    bytesOf(src),
    bytesOf(dest),
    options,
    startsOf(terms),
  );
  await awaitSteps(copying, steps);
}
