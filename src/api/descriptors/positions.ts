// Where in a file: -1 is the current position, as in a slot. Reads are strict about what a
// position may be; for writes Node takes everything odd for "the current one".

/** A position to read at; NaN where Node is to judge. */
export function readPosition(position: unknown): number {
  if (typeof position === "number")
    return Number.isSafeInteger(position) && position >= -1 ? position : NaN;
  if (position === null || position === undefined) return -1;
  if (typeof position !== "bigint") return NaN;
  return position >= -1n && position <= Number.MAX_SAFE_INTEGER
    ? Number(position)
    : NaN;
}

/** Up to Node 20 a handle's read took everything but a number for the current position. */
const readsStrictly = Number.parseInt(process.versions.node, 10) >= 22;

/** A position for a handle to read at. */
export const handleReadPosition = (position: unknown): number =>
  readsStrictly || typeof position === "number" ? readPosition(position) : -1;

/** A position to write at, or of a readv. */
export const writePosition = (position: unknown): number =>
  Number.isSafeInteger(position) && (position as number) >= 0
    ? (position as number)
    : -1;
