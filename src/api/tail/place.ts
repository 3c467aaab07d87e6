// A place in a log: a file, an offset in it, and the bytes in front of it, which say whether the file is still the one that was read. How it
// is found again is not known here.
import type { Member } from "./family.ts";
import type { TailPosition } from "./options.ts";

export interface Place {
  file: Pick<Member, "ino" | "birthNs">;
  offset: number;
  before: Buffer;
  /** When the youngest other file was born that was known by then, 0n if there was none; null: that is not known. What is younger was made later. */
  seenNs: bigint | null;
}

/** So many bytes in front of a place say whether it is still the same. */
export const BEFORE_BYTES = 64;

/** A file to be read, from where. */
export interface Start {
  file: Member;
  offset: number;
  /** null: whatever is in front of the offset. */
  before: Buffer | null;
}

export const fromStart = (file: Member): Start => ({
  ...{ file, offset: 0, before: null },
});

export const begins = (whole: Buffer, start: Buffer): boolean =>
  whole.length >= start.length &&
  whole.compare(start, 0, start.length, 0, start.length) === 0;

/** The place behind so many of the bytes that follow another place. */
export function placeBehind(
  { file, offset, before, seenNs }: Place,
  bytes: Buffer,
  count: number,
): Place {
  const last =
    count >= BEFORE_BYTES
      ? Buffer.from(bytes.subarray(count - BEFORE_BYTES, count))
      : Buffer.concat([before, bytes.subarray(0, count)]).subarray(
          -BEFORE_BYTES,
        );
  return { file, offset: offset + count, before: last, seenNs };
}

/** A place as JSON. */
export function positionOf({
  file,
  offset,
  before,
  seenNs,
}: Place): TailPosition {
  return {
    ino: String(file.ino),
    birth: String(file.birthNs),
    offset,
    before: before.toString("base64"),
    ...(seenNs === null ? {} : { seen: String(seenNs) }),
  };
}

export function placeAt(position: TailPosition): Place {
  const { ino, birth, offset, before, seen } = position;
  return {
    file: { ino: BigInt(ino), birthNs: BigInt(birth) },
    offset,
    before: Buffer.from(before, "base64"),
    seenNs: seen === undefined ? null : BigInt(seen),
  };
}
