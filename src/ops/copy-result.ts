// What a copy reports: the form of its result, and the kinds of digest, by number. native-aio/src/digest.h has the same numbers, and
// copy-file.c the same form.
//
//   bytes: a double   whether it bypassed the page cache: 1 byte   the digest, if one was wanted

export const DigestKind = { none: 0, sha256: 1, crc32c: 2 } as const;
export type DigestName = Exclude<keyof typeof DigestKind, "none">;

const BYTES_BYTES = 8;
const HEAD_BYTES = BYTES_BYTES + 1;

export interface CopyReport {
  bytes: number;
  direct: boolean;
  digest: Buffer;
}

export function encodeCopyReport({
  bytes,
  direct,
  digest,
}: CopyReport): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeDoubleLE(bytes, 0);
  head[BYTES_BYTES] = direct ? 1 : 0;
  return Buffer.concat([head, digest]);
}

export const decodeCopyReport = (report: Buffer): CopyReport => ({
  bytes: report.readDoubleLE(0),
  direct: report[BYTES_BYTES] === 1,
  digest: report.subarray(HEAD_BYTES),
});
