// The caller's data, of whatever kind, as bytes; several buffers as one and back again. It knows
// nothing of requests.

export type View = ArrayBufferView;

/** The bytes of a view from `offset` on; a whole Uint8Array is itself. */
export function bytesAt(
  view: View,
  offset: number,
  length: number,
): Uint8Array {
  if (view instanceof Uint8Array)
    return offset === 0 && length === view.byteLength
      ? view
      : view.subarray(offset, offset + length);
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}

/** The data as bytes, if it is of a kind that is bytes at once. */
export function bytesOf(
  data: unknown,
  encoding: BufferEncoding,
): Uint8Array | null {
  if (typeof data === "string") return Buffer.from(data, encoding);
  if (data instanceof Uint8Array) return data;
  if (!ArrayBuffer.isView(data)) return null;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export const allBytes = (view: View): Uint8Array =>
  bytesAt(view, 0, view.byteLength);

export const areViews = (buffers: unknown): buffers is View[] =>
  Array.isArray(buffers) &&
  buffers.every((buffer) => ArrayBuffer.isView(buffer));

/** IOV_MAX of Linux and macOS: how many buffers one system call fills. */
const VECTOR_MAX = 1024;

/** Those that one system call would fill: a readv ends there. */
export const firstViews = (views: readonly View[]): readonly View[] =>
  views.length > VECTOR_MAX ? views.slice(0, VECTOR_MAX) : views;

export const lengthOf = (views: readonly View[]): number =>
  views.reduce((sum, view) => sum + view.byteLength, 0);

/** What somebody has transferred meanwhile has no bytes any more: nothing of it is written, as in Node. */
const presentBytes = (views: readonly View[]): Uint8Array[] =>
  views.map(allBytes).filter(({ byteLength }) => byteLength > 0);

/** One buffer is sent as it is. */
export const gather = (views: readonly View[]): Uint8Array =>
  views.length === 1 ? allBytes(views[0]!) : Buffer.concat(presentBytes(views));

/** Several buffers as one to read into, which are as long as they were when they were given. */
export class Scattering {
  readonly bytes: Buffer;
  readonly #places: Uint8Array[];
  readonly #lengths: number[];

  constructor(views: readonly View[]) {
    this.bytes = Buffer.allocUnsafeSlow(lengthOf(firstViews(views)));
    this.#places = views.map(allBytes);
    this.#lengths = this.#places.map(({ byteLength }) => byteLength);
  }

  /** Spreads the first `count` bytes over them. What was transferred or made shorter meanwhile has no room for its part. */
  spread(count: number): void {
    let at = 0;
    for (const [i, place] of this.#places.entries()) {
      if (at >= count) return;
      const part = Math.min(this.#lengths[i]!, count - at);
      const take = Math.min(part, place.byteLength);
      if (take > 0) place.set(this.bytes.subarray(at, at + take));
      at += part;
    }
  }
}

/** null where Node is to judge: no text, or half a byte of hexadecimal digits. */
export function textBytes(text: unknown, encoding: unknown): Buffer | null {
  if (typeof text !== "string") return null;
  if (typeof encoding !== "string" || !Buffer.isEncoding(encoding))
    return Buffer.from(text);
  if (encoding.toLowerCase() === "hex" && text.length % 2 !== 0) return null;
  return Buffer.from(text, encoding);
}

// What is put together for a write is in memory that is used again: V8 collects everything after so many new buffers of
// this size.
const MEMORY_BYTES = 1 << 20;
/** What is shorter is put together in a buffer of its own. */
const WORTH_BYTES = 1 << 15;
const KEPT_MAX = 8;

const kept: Buffer[] = [];

export interface Gathered {
  data: Uint8Array;
  /** Only when nobody reads the data any more. */
  free: () => void;
}

const nothing = (): void => {};

export function gathered(views: readonly View[]): Gathered {
  const bytes = lengthOf(views);
  if (views.length === 1 || bytes < WORTH_BYTES || bytes > MEMORY_BYTES)
    return { data: gather(views), free: nothing };
  const memory = kept.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES);
  let at = 0;
  for (const part of presentBytes(views)) {
    memory.set(part, at);
    at += part.byteLength;
  }
  const free = (): void => {
    if (kept.length < KEPT_MAX) kept.push(memory);
  };
  return { data: memory.subarray(0, bytes), free };
}
