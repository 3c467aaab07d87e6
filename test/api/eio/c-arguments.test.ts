// Arguments that a C program passes and a JavaScript program hardly would: null pointers, offsets of 64 bits, all bits of
// a flag word, more bytes than the kernel sends at once. The other arguments are in requests.test.ts.
import fs from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ended, makeDoor, outcome } from "../../helpers/eio-door.ts";
import { testFolder } from "../../helpers/files.ts";
import { loadNative } from "../../../src/backends/native.ts";

const native = loadNative().addon !== null;
const folder = testFolder();
const door = makeDoor();
const ok = [0, undefined];
const fails = (code: string): unknown[] => [-1, code];
const run = async (name: string, ...args: unknown[]): Promise<unknown> =>
  outcome(await ended(door, name, ...args));

const file = folder.file("file", "0123456789");
const fd = fs.openSync(file, "r+");
/** tmpfs takes offsets of 63 bits. */
const roomy = fs.mkdtempSync("/dev/shm/eio-arguments-");
const sparse = fs.openSync(path.join(roomy, "sparse"), "w+");
afterAll(() => {
  for (const one of [fd, sparse]) fs.closeSync(one);
  fs.rmSync(roomy, { recursive: true });
});

describe("a null buffer", () => {
  it("is EFAULT to write, but for no bytes at all", async () => {
    expect(await run("write", fd, null, 5, 0)).toEqual(fails("EFAULT"));
    expect(await run("write", fd, null, 0, 0)).toEqual(ok);
    expect(fs.readFileSync(file, "utf8")).toBe("0123456789");
  });
  it("is one that is made to read into", async () => {
    const { result, value } = await ended(door, "read", fd, null, 4, 2);
    expect([result, String(value)]).toEqual([4, "2345"]);
  });
});

describe.skipIf(!native)("an offset beyond 2^53", () => {
  const far = 2n ** 53n + 1n;

  it("is where seek goes, to the byte", async () => {
    const { result, offs, value } = await ended(door, "seek", sparse, far, 0);
    expect([result, offs, value]).toEqual([0, Number(far), far]);
    const back = await ended(door, "seek", sparse, -far, 1);
    expect([back.result, back.offs, back.value]).toEqual([0, 0, 0]);
  });

  it("is where a file ends, and where bytes are written and read", async () => {
    const at = 2n ** 60n + 12_345n;
    expect(await run("ftruncate", sparse, at)).toEqual(ok);
    expect(fs.fstatSync(sparse, { bigint: true }).size).toBe(at);
    expect(await run("write", sparse, Buffer.from("far"), 3, at)).toEqual([
      3,
      undefined,
    ]);
    expect(fs.fstatSync(sparse, { bigint: true }).size).toBe(at + 3n);
    const read = await ended(door, "read", sparse, null, 8, at - 1n);
    expect([read.result, String(read.value).slice(0, 4)]).toEqual([4, "\0far"]);
    expect(await run("truncate", path.join(roomy, "sparse"), far)).toEqual(ok);
    expect(fs.fstatSync(sparse, { bigint: true }).size).toBe(far);
  });

  it("is what the others take, too, and the system refuses", async () => {
    expect(await run("fallocate", sparse, 0, 2n ** 62n + 1n, 5)).toEqual(ok);
    expect(fs.fstatSync(sparse, { bigint: true }).size).toBe(2n ** 62n + 6n);
    expect(await run("ftruncate", fd, 2n ** 62n)).toEqual(fails("EFBIG"));
    expect(await run("sync_file_range", fd, far, 1, 2)).toEqual(ok);
    expect(await run("readahead", fd, far, 1)).toEqual(ok);
  });

  it("is out of range from 2^63 on", () => {
    expect(() => door.seek(fd, 2n ** 63n, 0)).toThrow(/out of range/);
  });
});

it("flags of -1 are all bits, which the system judges", async () => {
  expect(await run("sync_file_range", fd, 0, 1, -1)).toEqual(fails("EINVAL"));
  expect(await run("rename2", file, `${file}2`, -1)).toEqual(fails("EINVAL"));
  expect(await run("chmod", file, -1)).toEqual(ok);
  expect(fs.statSync(file).mode & 0o7777).toBe(0o7777);
});

it("sendfile of more than 2 GiB goes on behind what the kernel sends at once", async () => {
  const bytes = 2 ** 31 + 12_345;
  await ended(door, "ftruncate", sparse, bytes);
  const nowhere = fs.openSync("/dev/null", "w");
  expect(await run("sendfile", nowhere, sparse, 0, bytes)).toEqual([
    bytes,
    undefined,
  ]);
  expect(await run("sendfile", nowhere, sparse, 5, bytes)).toEqual([
    bytes - 5,
    undefined,
  ]);
  fs.closeSync(nowhere);
});
