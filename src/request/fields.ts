// A failure's details as native code leaves them in a slot's block: a tag, two bytes of length, and the
// text, field after field (native-aio/src/job.c writes them). It does not know what failed.
import type { FaultDetails } from "./errors.ts";

const FIELDS = { 1: "syscall", 2: "path", 3: "dest" } as const;
const HEAD_BYTES = 3;

export function readFields(bytes: Buffer, errno: number): FaultDetails {
  const details: FaultDetails = { errno };
  for (let at = 0; at < bytes.length;) {
    const name = FIELDS[bytes[at] as keyof typeof FIELDS];
    const start = at + HEAD_BYTES;
    at = start + bytes.readUInt16LE(at + 1);
    details[name] = bytes.toString("utf8", start, at);
  }
  return details;
}
