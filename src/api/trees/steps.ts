// Jobs of many requests: each step is one, under the terms of the whole job. It knows how a step is
// made, not which one comes next.
import type { BigIntStats } from "node:fs";
import { ops, type OpName } from "../../ops/table.ts";
import { Request, type Decode } from "../../request/request.ts";
import { decodeBytes, decodeNone } from "../../request/results.ts";
import { asListing, decodeEntries } from "../directories/listing.ts";
import { promised, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { decodeStats } from "../files/stats.ts";
import { applyTerms, type Terms } from "../terms.ts";

export type Fields = Partial<
  Pick<Request, "path" | "path2" | "fd" | "a" | "b" | "owner" | "passing">
>;

/** Which of a call's two folders a path starts in. */
export type Side = "wd" | "destWd";

export interface Entry {
  name: string;
  /** As libuv numbers types; see directories/dirent.ts. */
  type: number;
}

const LINK_TYPES: (string | undefined)[] = [
  undefined,
  "dir",
  "file",
  "junction",
];

export class Steps {
  readonly #engine: Submitter;
  readonly #terms: Record<Side, Terms>;

  constructor(engine: Submitter, terms: Terms) {
    this.#engine = engine;
    this.#terms = { wd: terms, destWd: terms.atDestination };
  }

  run<T = void>(
    name: OpName,
    fields: Fields,
    decode: Decode = decodeNone,
    present: ((request: Request) => unknown) | null = null,
    side: Side = "wd",
  ): Promise<T> {
    const request = new Request(ops[name].code, decode, settlePromise);
    Object.assign(request, fields);
    request.present = present;
    try {
      const termed = applyTerms(request, this.#terms[side]);
      return promised<T>(this.#engine, termed);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  bigStat(
    path: string | Uint8Array,
    follow: boolean,
    side?: Side,
  ): Promise<BigIntStats> {
    const name = follow ? "stat" : "lstat";
    return this.run(name, { path, a: 1 }, decodeStats, null, side);
  }

  /** In the order of names, or of the disk: their errors name readdir's call, or opendir's. */
  list(
    path: string | Uint8Array,
    name: "scandir" | "opendir",
    encoding: BufferEncoding = "utf8",
  ): Promise<Entry[]> {
    const fields = { path, a: 1 };
    return this.run(name, fields, decodeEntries, (request) =>
      entriesOf(request, encoding),
    );
  }

  readlink(path: string | Uint8Array, side?: Side): Promise<Buffer> {
    return this.run("readlink", { path }, decodeBytes, null, side);
  }

  realpath(path: string): Promise<string> {
    return this.run("realpathWalk", { path }, decodeBytes, textOf);
  }

  symlink(
    target: string | Uint8Array,
    path: string | Uint8Array,
    type?: string,
  ): Promise<void> {
    const a = LINK_TYPES.indexOf(type);
    const fields = { path: target, path2: path, a };
    return this.run("symlink", fields, decodeNone, null, "destWd");
  }
}

const textOf = ({ value }: Request): string => (value as Buffer).toString();

function entriesOf(
  { value, result }: Request,
  encoding: BufferEncoding,
): Entry[] {
  const listing = asListing(value, result, true);
  return listing
    .names(encoding)
    .map((name, i) => ({ name: name as string, type: listing.type(i) }));
}
