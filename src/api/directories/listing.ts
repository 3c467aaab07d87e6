// A folder's entries as a worker leaves them: one byte of type each where types were requested,
// then the names, byte for byte, separated by NUL. It knows nothing of what becomes of the entries.
import { isAscii } from "node:buffer";
import type { Decode } from "../../request/request.ts";
import { leftBytes } from "../../request/results.ts";
import type { Wanted } from "../encoding.ts";

export class Listing {
  readonly count: number;
  /** The names' bytes, one character each. */
  readonly text: string;
  readonly ascii: boolean;
  /** A character for each entry, and whatever follows. */
  readonly #types: string;
  #split: string[] | null = null;

  constructor(bytes: Buffer, count: number, withTypes: boolean) {
    const all = bytes.latin1Slice(0, bytes.byteLength);
    this.count = count;
    this.text = withTypes ? all.slice(count) : all;
    this.ascii = isAscii(bytes); // Types are small numbers.
    this.#types = all;
  }

  /** Of a listing with types. */
  type(index: number): number {
    return this.#types.charCodeAt(index);
  }

  /** The names, in an array of the caller's own. */
  names(wanted: Wanted): (string | Buffer)[] {
    if (this.count === 0) return [];
    const plain =
      this.ascii && wanted !== "buffer" && Buffer.from("a").toString(wanted);
    if (plain === "a") {
      this.#split ??= this.text.split("\0");
      return this.#split.slice();
    }
    if (wanted === "utf8" || wanted === "utf-8")
      return Buffer.from(this.text, "latin1").toString().split("\0");
    return this.text.split("\0").map((name) => nameOf(name, wanted));
  }
}

/** One name out of `text`, as the caller wants it. */
export function nameOf(name: string, wanted: Wanted): string | Buffer {
  const bytes = Buffer.from(name, "latin1");
  return wanted === "buffer" ? bytes : bytes.toString(wanted);
}

const listingDecoder =
  (withTypes: boolean): Decode =>
  (memory, slot, request) =>
    new Listing(leftBytes(memory, slot), request.result, withTypes);

export const decodeNames = listingDecoder(false);
export const decodeEntries = listingDecoder(true);

/** A large listing was moved as bytes, past the decoder. */
export function asListing(
  value: unknown,
  count: number,
  withTypes: boolean,
): Listing {
  if (value instanceof Listing) return value;
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return new Listing(
    Buffer.from(buffer, byteOffset, byteLength),
    count,
    withTypes,
  );
}
