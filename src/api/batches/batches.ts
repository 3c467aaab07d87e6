// statMany, readFiles, readMany: what a server needs in bulk, in one submission. How a batch is submitted and ended
// is batch.ts's business.
import type { BigIntStats, readFileSync, Stats } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { ops } from "../../ops/table.ts";
import { systemError } from "../../request/errors.ts";
import { dataOffset } from "../../request/results.ts";
import { Request, type Decode } from "../../request/request.ts";
import type { PathLike } from "../arguments.ts";
import {
  fulfilled,
  outcomeOf,
  rejected,
  together,
  type Outcome,
} from "./batch.ts";
import { contentOf, readFile } from "../files/read-file.ts";
import { statCalls } from "../files/stat.ts";
import { callNodePromise } from "../call-forms.ts";
import { model } from "../permissions/model.ts";
import { ownOptions } from "../misspelt.ts";
import { checkOption, checkSwitch } from "../option-values.ts";
import type { RequestOptions } from "../request-options.ts";
import { settlePromise } from "../submit.ts";
import { statsFrom } from "../files/stats.ts";
import { termsOf } from "../terms.ts";
import { checkArray } from "../argument-errors.ts";

/** Paths in one request: their results fit the slot's own block, and several workers get some. */
const PATHS_PER_REQUEST = 64;
/** As workers/stats.ts lays them out: an errno, then the eighteen numbers. */
const DOUBLES_PER_PATH = 19;

const decodeTable: Decode = (memory, slot, request) => {
  const at = dataOffset(memory, slot) >>> 3;
  return memory.doubles.slice(at, at + request.result * DOUBLES_PER_PATH);
};

type StatManyOptions = RequestOptions & { bigint?: boolean | undefined };
/** As `stat`: what it gives depends on `bigint`. */
export interface StatMany {
  (
    paths: readonly PathLike[],
    options?: StatManyOptions & { bigint?: false | undefined },
  ): Promise<Outcome<Stats>[]>;
  (
    paths: readonly PathLike[],
    options: StatManyOptions & { bigint: true },
  ): Promise<Outcome<BigIntStats>[]>;
  (
    paths: readonly PathLike[],
    options?: StatManyOptions,
  ): Promise<Outcome<Stats | BigIntStats>[]>;
}
const checkStatOptions = ownOptions<StatManyOptions>({ bigint: true });

type ReadFilesOptions = RequestOptions & {
  encoding?: BufferEncoding | null | undefined;
  flag?: string | undefined;
};
/** Of whichever kind of memory this release of Node's types says. */
type FileBuffer = Exclude<ReturnType<typeof readFileSync>, string>;
/** As `readFile`: what it gives depends on the encoding. */
export interface ReadFiles {
  (
    paths: readonly PathLike[],
    options?: ReadFilesOptions & { encoding?: null | undefined },
  ): Promise<Outcome<FileBuffer>[]>;
  (
    paths: readonly PathLike[],
    options: BufferEncoding | (ReadFilesOptions & { encoding: BufferEncoding }),
  ): Promise<Outcome<string>[]>;
  (
    paths: readonly PathLike[],
    options?: BufferEncoding | ReadFilesOptions,
  ): Promise<Outcome<string | FileBuffer>[]>;
}
const checkReadOptions = ownOptions<ReadFilesOptions>({
  encoding: true,
  flag: true,
});

/** Describes many files: one crossing for up to 64 of them. */
export async function statMany(
  engine: Engine,
  paths: readonly PathLike[],
  options?: StatManyOptions,
): Promise<Outcome<Stats | BigIntStats>[]> {
  checkArray("paths", paths);
  checkStatOptions(options);
  checkSwitch("bigint", options?.bigint);
  const terms = termsOf(engine, options);
  const outcomes = new Array<Outcome<Stats | BigIntStats>>(paths.length);
  const plain: number[] = [];
  const single: { index: number; request: Request }[] = [];
  const refused: Promise<unknown>[] = [];
  // Where a folder is a path in front of others, each needs it; and each may be denied by itself.
  const inTables =
    model === undefined &&
    !options?.bigint &&
    (terms.wd?.prefix ?? null) === null;
  paths.forEach((path, index) => {
    if (typeof path === "string" && !path.includes("\0") && inTables)
      return plain.push(index);
    const request = statCalls.stat(
      [path, { bigint: options?.bigint }],
      () => engine,
    );
    if (request !== null) return single.push({ index, request });
    return refused.push(refusal(path, index, outcomes, options));
  });
  const tables: { indexes: number[]; request: Request }[] = [];
  for (const [lane, members] of byLane(
    terms.wd === null ? engine.scheduler : null,
    plain,
    paths as string[],
  ))
    for (let i = 0; i < members.length; i += PATHS_PER_REQUEST) {
      const indexes = members.slice(i, i + PATHS_PER_REQUEST);
      const request = tableRequest(
        indexes.map((index) => paths[index] as string),
      );
      request.laneName = lane;
      tables.push({ indexes, request });
    }
  const requests = [...tables, ...single].map(({ request }) => request);
  await together(engine, requests, terms, "stat");
  for (const { indexes, request } of tables)
    spread(request, indexes, paths, outcomes);
  for (const { index, request } of single)
    outcomes[index] = outcomeOf(request, ({ value }) => value as Stats);
  await Promise.all(refused);
  return outcomes;
}

/** Paths in one request are in one lane: a dead file system holds up none of another. */
function byLane(
  scheduler: Engine["scheduler"],
  indexes: number[],
  paths: readonly string[],
): Map<string | null, number[]> {
  if (scheduler === null) return new Map([[null, indexes]]);
  const groups = new Map<string, number[]>();
  for (const index of indexes) {
    const { name } = scheduler.at(scheduler.laneOfPath(paths[index]!));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [index]);
    else group.push(index);
  }
  return groups;
}

function tableRequest(paths: string[]): Request {
  const request = new Request(ops.statMany.code, decodeTable, settlePromise);
  request.data = Buffer.from(paths.join("\0"));
  request.room = paths.length * DOUBLES_PER_PATH * 8;
  request.a = paths.length;
  return request;
}

function spread(
  request: Request,
  indexes: number[],
  paths: readonly PathLike[],
  outcomes: Outcome<Stats | BigIntStats>[],
): void {
  const whole = outcomeOf(request, ({ value }) => value as Float64Array);
  indexes.forEach((index, i) => {
    if (whole.status === "rejected") return (outcomes[index] = whole);
    const at = i * DOUBLES_PER_PATH;
    const errno = whole.value[at]!;
    return (outcomes[index] =
      errno === 0
        ? fulfilled(statsFrom(whole.value, at + 1))
        : rejected(systemError(errno, "stat", paths[index] as string)));
  });
}

async function refusal(
  path: unknown,
  index: number,
  outcomes: Outcome<Stats | BigIntStats>[],
  options: RequestOptions | undefined,
): Promise<void> {
  try {
    const stats = await callNodePromise("stat", [path, undefined, options]);
    outcomes[index] = fulfilled(stats as Stats);
  } catch (error) {
    outcomes[index] = rejected(error);
  }
}

/** Rejects, instead of throwing, where Node may not be called at all. */
const callNodeLater = async (name: string, args: unknown[]): Promise<unknown> =>
  await callNodePromise(name, args);

/** As readFile takes it. */
const isEncoding = (given: unknown): boolean =>
  given == null || given === "buffer" || Buffer.isEncoding(given as string);

/** Reads many files whole. */
export async function readFiles(
  engine: Engine,
  paths: readonly PathLike[],
  options?: BufferEncoding | ReadFilesOptions,
): Promise<Outcome<Buffer | string>[]> {
  checkArray("paths", paths);
  const whole = typeof options === "string" ? { encoding: options } : options;
  checkReadOptions(whole);
  const { encoding, flag } = whole ?? {};
  checkOption(
    "encoding",
    encoding,
    isEncoding(encoding),
    "an encoding or null",
  );
  const terms = termsOf(engine, whole);
  const each = { encoding, flag };
  const outcomes = new Array<Outcome<Buffer | string>>(paths.length);
  const taken: { index: number; request: Request }[] = [];
  for (const [index, path] of paths.entries()) {
    const request = readFile([path, each], () => engine);
    if (request !== null) taken.push({ index, request });
    else
      await callNodeLater("readFile", [path, each, whole]).then(
        (value) => (outcomes[index] = fulfilled(value as Buffer)),
        (error: unknown) => (outcomes[index] = rejected(error)),
      );
  }
  const requests = taken.map(({ request }) => request);
  await together(engine, requests, terms, "open");
  for (const { index, request } of taken)
    outcomes[index] = outcomeOf(
      request,
      (settled) => contentOf(settled) as Buffer,
    );
  return outcomes;
}
