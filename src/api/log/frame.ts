// How records lie in a segment of a log: a header for the segment, a frame for each record. It knows bytes, and no file.
//
//   segment   "EIOLOG01"  start: 8 bytes  salt: 4  CRC: 4   then frames, then zeros (space that was taken ahead)
//   frame     length: 4   back: 4   CRC: 4   data
//
// The CRC of a frame covers the salt of its segment and its own offset: what lay on the disk before, or was written elsewhere,
// is no frame here. `back` says how many bytes before this frame the log was known to be on the disk when it was written. A
// frame that is damaged although a later one says that it had been synced was damaged afterwards; one that nothing is known
// of was being written when the power went.
import { loadNative } from "../../backends/native.ts";
import { crc32c as inJavaScript } from "../../util/crc32c.ts";

const MAGIC = Buffer.from("EIOLOG01", "latin1");
export const HEADER_BYTES = 24;
export const FRAME_BYTES = 12;
/** Also what a reader takes for a length at most. */
export const RECORD_MAX_BYTES = 1 << 26;
/** Nothing is known. */
const UNKNOWN = 0xffffffff;
const PREFIX_BYTES = 20;

type Checksum = (bytes: Uint8Array, crc: number) => number;
let checksum: Checksum | undefined;

export const crc32c: Checksum = (bytes, crc) => {
  checksum ??= loadNative().addon?.crc32c ?? inJavaScript;
  return checksum(bytes, crc);
};

export interface Header {
  start: number;
  salt: number;
}

export function encodeHeader({ start, salt }: Header): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeBigUInt64LE(BigInt(start), 8);
  bytes.writeUInt32LE(salt, 16);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, 20), 0), 20);
  return bytes;
}

/** null: this is none. */
export function decodeHeader(bytes: Buffer): Header | null {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC))
    return null;
  if (bytes.readUInt32LE(20) !== crc32c(bytes.subarray(0, 20), 0)) return null;
  return {
    start: Number(bytes.readBigUInt64LE(8)),
    salt: bytes.readUInt32LE(16),
  };
}

const prefix = Buffer.alloc(PREFIX_BYTES);

/** Never 0: that is the space behind the last record. */
function frameCrc(
  data: Uint8Array,
  back: number,
  offset: number,
  salt: number,
): number {
  prefix.writeUInt32LE(salt, 0);
  prefix.writeBigUInt64LE(BigInt(offset), 4);
  prefix.writeUInt32LE(data.length, 12);
  prefix.writeUInt32LE(back, 16);
  return crc32c(data, crc32c(prefix, 0)) || 1;
}

/** Writes a frame, and returns where the next one begins. */
export function putFrame(
  target: Buffer,
  at: number,
  data: Uint8Array,
  place: { offset: number; durable: number; salt: number },
): number {
  const { offset, durable, salt } = place;
  const back = Math.min(UNKNOWN, offset - durable);
  target.writeUInt32LE(data.length, at);
  target.writeUInt32LE(back, at + 4);
  target.writeUInt32LE(frameCrc(data, back, offset, salt), at + 8);
  target.set(data, at + FRAME_BYTES);
  return at + FRAME_BYTES + data.length;
}

export interface Frame {
  data: Buffer;
  bytes: number;
  /** Up to here the log was on the disk when it was written; -1: nothing is known. */
  durable: number;
}

/**
 * The frame at a place in some bytes of a segment. A number: so many bytes are needed to see it; null: there is no frame, as
 * far as one can see.
 */
export function getFrame(
  bytes: Buffer,
  at: number,
  offset: number,
  salt: number,
): Frame | number | null {
  if (bytes.length - at < FRAME_BYTES) return FRAME_BYTES;
  const length = bytes.readUInt32LE(at);
  const back = bytes.readUInt32LE(at + 4);
  const crc = bytes.readUInt32LE(at + 8);
  if (crc === 0 || length > RECORD_MAX_BYTES) return null;
  const whole = FRAME_BYTES + length;
  if (bytes.length - at < whole) return whole;
  const data = bytes.subarray(at + FRAME_BYTES, at + whole);
  if (crc !== frameCrc(data, back, offset, salt)) return null;
  const durable = back === UNKNOWN ? -1 : offset - back;
  return { data, bytes: whole, durable };
}

/** Whether a frame behind a damaged place says that this place had been synced. */
export function wasSynced(
  bytes: Buffer,
  at: number,
  offset: number,
  salt: number,
): boolean {
  for (let here = at + 1; here + FRAME_BYTES <= bytes.length; here++) {
    const there = offset + (here - at);
    // Cheap, and true of few places that are no frames.
    if (there - bytes.readUInt32LE(here + 4) <= offset) continue;
    const frame = getFrame(bytes, here, there, salt);
    if (frame !== null && typeof frame !== "number" && frame.durable > offset)
      return true;
  }
  return false;
}
