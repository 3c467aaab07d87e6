// Handles and large things: data of more than one request, positions beyond 2 GiB, files that
// change their size meanwhile.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { DATA_MAX_BYTES } from "../../../src/request/codec.ts";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { openOurs } from "./handles.ts";

const folder = testFolder();
const engine = makeEngine();
afterAll(closeEngines);

const SIZE = 3 * DATA_MAX_BYTES + 12345;
const pattern = (bytes: number): Buffer => {
  const data = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i += 4096)
    data.writeUInt32LE(i, i > bytes - 4 ? bytes - 4 : i);
  return data;
};

describe("more than one request carries", () => {
  const data = pattern(SIZE);

  it("is written and read in one call", async () => {
    const handle = await openOurs(engine, folder.join("large"), "w+");
    expect(await handle.write(data)).toMatchObject({ bytesWritten: SIZE });
    expect(fs.readFileSync(folder.join("large")).equals(data)).toBe(true);
    const into = Buffer.alloc(SIZE + 10);
    expect((await handle.read(into, 3, SIZE, 0)).bytesRead).toBe(SIZE);
    expect(into.subarray(3, SIZE + 3).equals(data)).toBe(true);
    // Less than was requested: the file ends.
    expect((await handle.read(into, { position: 100 })).bytesRead).toBe(
      SIZE - 100,
    );
    expect((await handle.read(into)).bytesRead).toBe(0);
    await handle.close();
  });

  it("is read into many buffers and written from many", async () => {
    const handle = await openOurs(engine, folder.join("vector"), "w+");
    const parts = [
      data.subarray(0, 5),
      data.subarray(5, 2e6),
      data.subarray(2e6),
    ];
    expect((await handle.writev(parts)).bytesWritten).toBe(SIZE);
    const into = [Buffer.alloc(1e6), Buffer.alloc(0), Buffer.alloc(SIZE)];
    expect((await handle.readv(into, 0)).bytesRead).toBe(SIZE);
    expect(Buffer.concat(into).subarray(0, SIZE).equals(data)).toBe(true);
    await handle.close();
  });

  it("is a file as a whole, from the current position", async () => {
    const handle = await openOurs(engine, folder.join("whole"), "w+");
    await handle.writeFile(data);
    await handle.writeFile([data.subarray(0, 7), "end"]);
    expect((await handle.stat()).size).toBe(SIZE + 10);
    expect((await handle.readFile()).length).toBe(0);
    await handle.close();
    const again = await openOurs(engine, folder.join("whole"), "r");
    await again.read(Buffer.alloc(100));
    const rest = await again.readFile();
    expect(rest.subarray(0, SIZE - 100).equals(data.subarray(100))).toBe(true);
    expect(rest.length).toBe(SIZE - 90);
    await again.close();
  });
});

describe("a sparse file of more than 4 GiB", () => {
  const far = 2 ** 32 + 77;
  /** Up to Node 20 a handle took no bigints. */
  const positions =
    Number.parseInt(process.versions.node, 10) < 22
      ? [far]
      : [far, BigInt(far)];

  it.each(positions)("is read and written at %s", async (position) => {
    const handle = await openOurs(engine, folder.join("sparse"), "w+");
    await handle.write(Buffer.from("far"), 0, 3, far);
    expect((await handle.stat()).size).toBe(far + 3);
    const into = Buffer.alloc(5);
    expect((await handle.read(into, 0, 5, position)).bytesRead).toBe(3);
    expect(into.toString("latin1", 0, 3)).toBe("far");
    await handle.truncate(far + 1);
    expect((await handle.stat({ bigint: true })).size).toBe(BigInt(far + 1));
    await expect(handle.readFile()).rejects.toMatchObject({
      name: "RangeError",
      code: "ERR_FS_FILE_TOO_LARGE",
    });
    await handle.close();
  });
});

describe("a file that changes meanwhile", () => {
  it("ends where it was cut", async () => {
    const handle = await openOurs(engine, folder.file("cut", "x".repeat(9e6)));
    const reading = handle.read(Buffer.alloc(9e6), 0, 9e6, 0);
    fs.truncateSync(folder.join("cut"), 10);
    const { bytesRead } = await reading;
    expect(bytesRead).toBeLessThanOrEqual(9e6);
    expect((await handle.read(Buffer.alloc(99), 0, 99, 0)).bytesRead).toBe(10);
    await handle.close();
  });

  it("is read into memory that was taken away", async () => {
    const handle = await openOurs(
      engine,
      folder.file("gone", "x".repeat(5000)),
    );
    const detached = Buffer.alloc(5000);
    const reading = handle.read(detached, 0, 5000, 0);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect((await reading).bytesRead).toBe(5000);
    expect((await handle.readFile("utf8")).length).toBe(5000);
    await handle.close();
  });
});
