// A log as an iterable of lines or bytes, from a place on, over every rotation: see docs/tail.md. Where the bytes are found is
// follower.ts's business.
import { errnoOf, systemError } from "../../request/errors.ts";
import { misuseError } from "../../util/errors.ts";
import { invalidArgType } from "../argument-errors.ts";
import { acceptPath } from "../arguments.ts";
import type { Submitter } from "../submitter.ts";
import type { EioPromises } from "../types.ts";
import { throwIfAborted, type WaitEnds } from "../waiting.ts";
import { Changes } from "./changes.ts";
import { Family } from "./family.ts";
import { Follower, type Piece } from "./follower.ts";
import {
  readTailOptions,
  type ReadTailOptions,
  type TailOptions,
  type TailPosition,
} from "./options.ts";
import { placeBehind, positionOf, type Place } from "./place.ts";

/** What a tail gives, by its options. */
export type TailItem<O> = O extends { as: "bytes" } | { encoding: null }
  ? Buffer
  : string;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const NOTHING = Buffer.alloc(0);

interface Given {
  at: Place;
  bytes: Buffer;
  count: number;
}

/** The lines or bytes that are appended to a file, across rotations; returned by `eio.tail()`. */
export class Tail<T extends string | Buffer = string>
  implements AsyncIterable<T>, AsyncDisposable
{
  readonly #family: Family;
  readonly #follower: Follower;
  readonly #options: ReadTailOptions;
  readonly #engine: Pick<Submitter, "onClose">;
  readonly #promises: EioPromises;
  readonly #items: AsyncGenerator<T, void, void>;
  #changes: Changes | null = null;
  #closed = false;
  /** What was given last: so many bytes behind a place. */
  #given: Given | null = null;

  /** @internal Created by `eio.tail()`. */
  constructor(
    engine: Pick<Submitter, "onClose">,
    promises: EioPromises,
    path: string | URL,
    options: TailOptions = {},
  ) {
    this.#engine = engine;
    this.#promises = promises;
    this.#options = readTailOptions(options);
    const { from, call, rotated } = this.#options;
    this.#family = new Family(promises, textOf(path), rotated, call);
    this.#follower = new Follower(promises, this.#family, from, call);
    this.#items = this.#options.lines
      ? (this.#lines() as AsyncGenerator<T, void, void>)
      : (this.#bytes() as AsyncGenerator<T, void, void>);
  }

  /** The position after the last line or bytes returned, for `from` of another tail; null until the first file exists. */
  get position(): TailPosition | null {
    const place =
      this.#given === null ? this.#follower.place : behind(this.#given);
    return place === null ? null : positionOf(place);
  }

  /** There is one iteration: each loop continues where the previous one stopped. Leaving a loop early ends the tail. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.#items;
  }

  /** Ends the iteration, even while it waits. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changes?.close();
    await this.#items.return();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#bytes(): AsyncGenerator<Buffer, void, void> {
    for await (const { bytes, at } of this.#pieces()) {
      this.#given ??= { at, bytes, count: 0 };
      if (bytes.length === 0) continue;
      this.#given = { at, bytes, count: bytes.length };
      yield bytes;
    }
  }

  async *#lines(): AsyncGenerator<string | Buffer, void, void> {
    const { encoding, maxLineBytes } = this.#options;
    const itemOf = (line: Buffer): string | Buffer =>
      encoding === null ? line : line.toString(encoding);
    /** The beginning of a line whose end is not there yet. */
    let begun: Buffer[] = [];
    let begunBytes = 0;
    let end: Given | null = null;
    for await (const { bytes, at, last } of this.#pieces()) {
      this.#given ??= { at, bytes, count: 0 };
      end = { at, bytes, count: bytes.length };
      for (let from = 0; from < bytes.length;) {
        const newline = bytes.indexOf(NEWLINE, from);
        const part = bytes.subarray(from, newline < 0 ? bytes.length : newline);
        if (begunBytes + part.length > maxLineBytes)
          throw misuseError(
            "ERR_EIO_TOO_LARGE",
            `A line of ${this.#family.path}`,
            begunBytes + part.length,
            maxLineBytes,
          );
        if (newline < 0) {
          begun.push(Buffer.from(part));
          begunBytes += part.length;
          break;
        }
        from = newline + 1;
        this.#given = { at, bytes, count: from };
        const line = whole(begun, part);
        begun = [];
        begunBytes = 0;
        yield itemOf(withoutReturn(line));
      }
      if (!last || begunBytes === 0) continue;
      const line = whole(begun, NOTHING);
      begun = [];
      begunBytes = 0;
      this.#given = { at, bytes, count: 0 };
      yield itemOf(line);
    }
    if (begunBytes === 0 || this.#closed) return;
    this.#given = end;
    yield itemOf(whole(begun, NOTHING));
  }

  async *#pieces(): AsyncGenerator<Piece, void, void> {
    const { follow, pollMs, signal } = this.#options;
    const ends: WaitEnds = {
      signal,
      onClose: (listener) => this.#engine.onClose(listener),
    };
    try {
      throwIfAborted(signal);
      await this.#checkFile();
      if (follow)
        this.#changes = new Changes(
          this.#family.folder,
          (name) => this.#family.has(name),
          pollMs,
        );
      while (!this.#closed) {
        const piece = await this.#follower.read();
        if (piece !== null) yield piece;
        else if (this.#changes === null) return;
        else await this.#changes.wait(ends);
        throwIfAborted(signal);
      }
    } finally {
      this.#changes?.close();
      await this.#follower[Symbol.asyncDispose]();
    }
  }

  /** What is not a file has no places. One that is missing may come. */
  async #checkFile(): Promise<void> {
    const { path } = this.#family;
    const stats = await this.#promises
      .stat(path, this.#options.call)
      .catch((error: NodeJS.ErrnoException) => {
        const mayCome = this.#options.follow && path !== "";
        if (mayCome && error.code === "ENOENT") return null;
        throw error;
      });
    if (stats === null || stats.isFile()) return;
    const code = stats.isDirectory() ? "EISDIR" : "ESPIPE";
    throw systemError(errnoOf(code), "read", path);
  }
}

/** Returns the lines of a log, or its bytes, from a position on. */
export const tail = <O extends TailOptions>(
  engine: Pick<Submitter, "onClose">,
  promises: EioPromises,
  path: string | URL,
  options?: O,
): Tail<TailItem<O>> => new Tail<TailItem<O>>(engine, promises, path, options);

function textOf(path: unknown): string {
  const text = acceptPath(path);
  if (typeof text === "string") return text;
  throw invalidArgType("path", "of type string or an instance of URL", path);
}

const behind = ({ at, bytes, count }: Given): Place =>
  placeBehind(at, bytes, count);

const whole = (begun: Buffer[], end: Buffer): Buffer =>
  begun.length === 0 ? end : Buffer.concat([...begun, end]);

function withoutReturn(line: Buffer): Buffer {
  const { length } = line;
  return line[length - 1] === RETURN ? line.subarray(0, length - 1) : line;
}
