// Jobs of many requests: each step is one, under the options of the whole job. Its signal ends the
// step that is under way and lets no other begin; its timeout is for all of them together.
import type { BigIntStats } from "node:fs";
import { ops, type OpName } from "../../ops/table.ts";
import { Request, type Decode } from "../../request/request.ts";
import { decodeBytes, decodeNone } from "../../request/results.ts";
import {
  LISTING_ROOM_BYTES,
  asListing,
  decodeEntries,
} from "../folders/listing.ts";
import { applyOptions, type RequestOptions } from "../request-options.ts";
import { promised, settlePromise, type Submitter } from "../run.ts";
import { decodeStats } from "../stats.ts";
import { startIn, startOf, type Start } from "../wd/start.ts";

export type Fields = Partial<
  Pick<Request, "path" | "path2" | "fd" | "a" | "b" | "room" | "owner">
>;

/** Which of a call's two folders a path starts in. */
export type Side = "wd" | "destWd";

export interface Entry {
  name: string;
  /** As libuv numbers types; see folders/dirent.ts. */
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
  readonly #options: RequestOptions;
  readonly #endMs: number;
  readonly #dest: Start | null;

  constructor(engine: Submitter, options: unknown) {
    this.#engine = engine;
    this.#options =
      typeof options === "object" && options !== null ? options : {};
    const { timeout } = this.#options;
    const { wd, destWd = wd } = this.#options;
    this.#dest = startOf("options.destWd", destWd);
    this.#endMs =
      timeout === undefined ? Infinity : performance.now() + timeout;
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
    if (side === "destWd") startIn(request, this.#dest, null);
    try {
      applyOptions(request, this.left());
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return promised<T>(this.#engine, request);
  }

  /** The options of the job, with what is left of its time. */
  left(): RequestOptions {
    if (this.#endMs === Infinity) return this.#options;
    const timeout = Math.max(0, this.#endMs - performance.now());
    return { ...this.#options, timeout };
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
    const fields = { path, room: LISTING_ROOM_BYTES, a: 1 };
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
    .map((name, i) => ({ name: name as string, type: listing.types[i]! }));
}
