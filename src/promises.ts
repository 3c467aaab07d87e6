// scratch door for measuring
import fsp from "node:fs/promises";
import { defaultInstance } from "./api/instance.ts";
import { promised, settlePromise, errorOf, rejectLate } from "./api/run.ts";
import { acceptPath } from "./api/accept.ts";
import { Request } from "./request/request.ts";
import { ops } from "./ops/table.ts";
import {
  decodeNone,
  decodeCount,
  decodeInto,
  decodeBytes,
} from "./request/results.ts";
import { decodeStats } from "./api/stats.ts";
import fs from "node:fs";
const R = ops.read.code,
  ST = ops.stat.code,
  SL = ops.slurp.code,
  SP = ops.spew.code;
function settleRead(r: Request) {
  if (r.result < 0) rejectLate(r);
  else (r.resolve as any)({ bytesRead: r.value, buffer: r.context });
}
class H {
  constructor(public fd: number) {}
  read(buffer: Uint8Array, offset: number, length: number, position: number) {
    const r = new Request(R, decodeInto, settleRead);
    r.fd = this.fd;
    r.position = position;
    r.data =
      offset === 0 && length === buffer.byteLength
        ? buffer
        : buffer.subarray(offset, offset + length);
    r.context = buffer;
    return promised<any>(defaultInstance().engine, r);
  }
  write(buffer: Uint8Array, offset: number, length: number, position: number) {
    const r = new Request(ops.write.code, decodeCount, settleRead);
    r.fd = this.fd;
    r.position = position;
    r.data =
      offset === 0 && length === buffer.byteLength
        ? buffer
        : buffer.subarray(offset, offset + length);
    r.context = buffer;
    return promised<any>(defaultInstance().engine, r);
  }
  close() {
    const r = new Request(ops.close.code, decodeNone, settlePromise);
    r.fd = this.fd;
    return promised<any>(defaultInstance().engine, r);
  }
}
function stat(p: string) {
  const path = acceptPath(p);
  if (path === null) return fsp.stat(p);
  const r = new Request(ST, decodeStats, settlePromise);
  r.path = path;
  return promised<any>(defaultInstance().engine, r);
}
function readFile(p: string) {
  const r = new Request(SL, decodeBytes, settlePromise);
  r.path = acceptPath(p);
  return promised<any>(defaultInstance().engine, r);
}
function writeFile(p: string, d: Buffer) {
  const r = new Request(SP, decodeNone, settlePromise);
  r.path = acceptPath(p);
  r.data = d;
  r.a = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC;
  r.b = 0o666;
  return promised<any>(defaultInstance().engine, r);
}
async function open(p: string) {
  const r = new Request(ops.open.code, decodeCount, settlePromise);
  r.path = acceptPath(p);
  r.b = 0o666;
  return new H(await promised<number>(defaultInstance().engine, r));
}
async function readdir(p: string, o?: any) {
  const r = new Request(
    ops.scandir.code,
    (m, s, q) => {
      const b = m.words[s * 32 + 8]!,
        n = m.words[s * 32 + 10]!;
      const c = q.result;
      const types = q.a ? m.bytes.subarray(b, b + c) : null;
      const names = m.bytes.utf8Slice(b + (q.a ? c : 0), b + n).split("\0");
      return types
        ? names.map((x, i) => new (fs.Dirent as any)(x, types[i], p))
        : names;
    },
    settlePromise,
  );
  r.path = acceptPath(p);
  r.room = 65536;
  r.a = o?.withFileTypes ? 1 : 0;
  return promised<any>(defaultInstance().engine, r);
}
export default { open, stat, readFile, writeFile, readdir };
void errorOf;
