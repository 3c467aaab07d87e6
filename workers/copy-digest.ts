// A copy whose digest is wanted, without native code: Node's own copy, then a look at what was written. It knows two paths and the
// form of the report.
import fs from "node:fs";
import { DigestKind, encodeCopyReport } from "../src/ops/copy-result.ts";
import { builtin } from "../src/util/builtin.ts";
import { crc32c } from "../src/util/crc32c.ts";
import type { Frame } from "./frame.ts";

const PIECE_BYTES = 1 << 18;
const CRC_BYTES = 4;

interface Digesting {
  add(piece: Buffer): void;
  end(): Buffer;
}

function digestOf(kind: number): Digesting {
  if (kind === DigestKind.sha256) {
    const hash = builtin("node:crypto").createHash("sha256");
    return {
      add: (piece) => void hash.update(piece),
      end: () => hash.digest(),
    };
  }
  let crc = 0;
  return {
    add(piece) {
      crc = crc32c(piece, crc);
    },
    end() {
      const bytes = Buffer.alloc(CRC_BYTES);
      bytes.writeUInt32BE(crc);
      return bytes;
    },
  };
}

export function copyDigest(f: Frame): number {
  f.fs.copyFileSync(f.path, f.path2, f.a);
  const fd = f.fs2.openSync(f.path2, fs.constants.O_RDONLY);
  try {
    return f.send(encodeCopyReport(reportOf(fd, f.b)));
  } finally {
    fs.closeSync(fd);
  }
}

function reportOf(
  fd: number,
  kind: number,
): Parameters<typeof encodeCopyReport>[0] {
  const direct = false;
  if (kind === DigestKind.none)
    return { bytes: fs.fstatSync(fd).size, direct, digest: Buffer.alloc(0) };
  const digest = digestOf(kind);
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let bytes = 0;
  for (;;) {
    const count = fs.readSync(fd, piece, 0, PIECE_BYTES, null);
    if (count === 0) return { bytes, direct, digest: digest.end() };
    digest.add(piece.subarray(0, count));
    bytes += count;
  }
}
