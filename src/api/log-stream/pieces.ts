// What waits to be written, in pieces of a limited size: texts are joined, and become bytes when their turn comes. It does not know
// who writes them.
interface Piece {
  text: string;
  parts: Uint8Array[];
  bytes: number;
}

export class Pieces {
  readonly #maxBytes: number;
  readonly #pieces: Piece[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(data: string | Uint8Array, bytes: number): void {
    this.#bytes += bytes;
    let last = this.#pieces.at(-1);
    if (last === undefined || last.bytes + bytes > this.#maxBytes)
      this.#pieces.push((last = { text: "", parts: [], bytes: 0 }));
    last.bytes += bytes;
    if (typeof data === "string" && last.parts.length === 0) last.text += data;
    else last.parts.push(...bytesOf(last.text), ...bytesOf(data));
    if (last.parts.length !== 0) last.text = "";
  }

  /** The first one; no bytes where there is none. */
  take(): Uint8Array {
    const piece = this.#pieces.shift();
    if (piece === undefined) return new Uint8Array(0);
    this.#bytes -= piece.bytes;
    const { text, parts } = piece;
    return parts.length === 0 ? Buffer.from(text) : Buffer.concat(parts);
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#bytes = 0;
  }
}

/** No part for no bytes. */
function bytesOf(data: string | Uint8Array): Uint8Array[] {
  if (data.length === 0) return [];
  return [typeof data === "string" ? Buffer.from(data) : data];
}
