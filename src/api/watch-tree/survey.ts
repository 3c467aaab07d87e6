// One look at a folder: a request for all that is in it, or for some names, and what came of it (see native-aio/src/survey.c for its
// form). What the entries mean to a tree is not known here.
import { ops } from "../../ops/table.ts";
import { Request, type Owner } from "../../request/request.ts";
import { decodeBytes } from "../../request/results.ts";
import { promised, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { applyTerms, type Terms } from "../terms.ts";
import { WORDS, isAbsent, type RecordWords } from "./records.ts";

/** In words: what became of the watch, then the folder's own record. */
const OWN_AT = 1;
const HEAD_WORDS = OWN_AT + WORDS;
const BYTES_PER_WORD = 4;
/** Small ones fit the slot's own room. */
const ROOM_BYTES = 4096;
/** In front of the names: the folder that is expected there. */
const ANY_FOLDER = Buffer.alloc(16);

export interface Look {
  /** Absolute; bytes as characters. */
  path: string;
  /** null: all. */
  names: readonly string[] | null;
  /** The identity of the folder; null: any. */
  expected: Buffer | null;
  /** The inotify instance that is to watch it, and what for; null: none. */
  watcher: { fd: number; mask: number; owner: Owner } | null;
}

export class Survey {
  /** Number of the watch, or -errno. */
  readonly watch: number;
  readonly words: RecordWords;
  readonly ownAt = OWN_AT;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    const whole =
      bytes.byteOffset % BYTES_PER_WORD === 0 ? bytes : Uint8Array.from(bytes);
    const { buffer, byteOffset, byteLength } = whole;
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.words = new Uint32Array(
      buffer,
      byteOffset,
      byteLength / BYTES_PER_WORD,
    );
    this.watch = this.words[0]! | 0;
  }

  /** Calls with each name and where its record is in `words`. */
  each(call: (name: string, at: number, absent: boolean) => void): void {
    const { words } = this;
    for (let at = HEAD_WORDS; at < words.length;) {
      const bytes = words[at + WORDS]!;
      const start = (at + WORDS + 1) * BYTES_PER_WORD;
      const name = this.#bytes.latin1Slice(start, start + bytes);
      call(name, at, isAbsent(words, at));
      at += WORDS + 1 + Math.ceil(bytes / BYTES_PER_WORD);
    }
  }
}

export async function survey(
  engine: Submitter,
  { path, names, expected, watcher }: Look,
  terms: Terms,
): Promise<Survey> {
  const request = new Request(ops.survey.code, decodeBytes, settlePromise);
  request.path = bytesOrText(path);
  request.data = Buffer.concat([
    expected ?? ANY_FOLDER,
    Buffer.from(names?.join("\0") ?? "", "latin1"),
  ]);
  request.room = Math.max(ROOM_BYTES, request.data.byteLength);
  request.a = watcher?.fd ?? -1;
  // What is below it as well has to be allowed.
  request.b = 1;
  request.c = watcher?.mask ?? 0;
  request.owner = watcher?.owner ?? null;
  const bytes = await promised<Uint8Array>(engine, applyTerms(request, terms));
  return new Survey(bytes);
}

/** Strings are cheaper where they are the same. */
export const bytesOrText = (path: string): string | Uint8Array =>
  /^[\0-\x7f]*$/.test(path) ? path : Buffer.from(path, "latin1");
