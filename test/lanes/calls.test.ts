// Every form of a call goes in the lane that it names, and a descriptor stays in that of its open. The
// lane is full, held by a gate: what is submitted to it waits, and is counted.
import fs from "node:fs";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { FileHandle } from "../../src/api/types.ts";
import { until } from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const file = folder.file("file", Buffer.alloc(4096, 1));
const lane = "bulk";

describe("the lane of a call", () => {
  let eio: Eio;
  let handle: FileHandle;
  beforeAll(async () => {
    eio = createEio({ lanes: { bulk: { maxParallel: 1, share: 1 } } });
    handle = await eio.promises.open(file, "r+", 0o666, { lane });
  });
  afterAll(async () => {
    await handle.close();
    await eio.close();
  });

  const bulk = () => eio.lanes.find(({ name }) => name === lane)!;
  const data = Buffer.alloc(100);
  const called = (call: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => call(resolve));

  const calls: [string, () => Promise<unknown>][] = [
    ["stat", () => eio.promises.stat(file, { lane })],
    ["readFile", () => eio.promises.readFile(file, { lane })],
    [
      "writeFile",
      () => eio.promises.writeFile(folder.join("w"), data, { lane }),
    ],
    [
      "writeFile of much",
      () =>
        eio.promises.writeFile(folder.join("m"), Buffer.alloc(3 << 20), {
          lane,
        }),
    ],
    ["unlink", () => eio.promises.unlink(folder.file("u"), { lane })],
    ["readdir", () => eio.promises.readdir(folder.path, { lane })],
    ["rm", () => eio.promises.rm(folder.join("none"), { lane, force: true })],
    [
      "fs.stat",
      () =>
        called((done) => eio.fs.stat(file, { lane } as never, done as never)),
    ],
    [
      "fs.readFile",
      () =>
        called((done) =>
          eio.fs.readFile(file, { lane } as never, done as never),
        ),
    ],
    ["statMany", () => eio.statMany([file, folder.path], { lane })],
    ["readFiles", () => eio.readFiles([file], { lane })],
    ["readMany", () => eio.readMany(handle, [{ position: 0, length: 10 }])],
    ["nop", () => eio.nop({ lane })],
    ["a read of the handle", () => handle.read(data, 0, 100, 0)],
    ["a write of the handle", () => handle.write(data, 0, 100, 0)],
    ["a stat of the handle", () => handle.stat()],
    [
      "fs.read of its number",
      () =>
        called((done) =>
          eio.fs.read(handle.fd, data, 0, 100, 0, done as never),
        ),
    ],
    [
      "a stream",
      () => finished(eio.fs.createReadStream(file, { lane } as never).resume()),
    ],
    [
      "a stream to write",
      () =>
        finished(
          eio.fs
            .createWriteStream(folder.join("s"), { lane } as never)
            .end("text"),
        ),
    ],
  ];

  it.each(calls)("%s", async (_name, call) => {
    const held = eio.promises.readFile(gate.path, { lane });
    await until(() => bulk().inFlight === 1);
    const waiting = call();
    await until(() => bulk().waiting > 0);
    expect(await eio.promises.readFile(file)).toHaveLength(4096);
    await gate.release();
    await Promise.all([held, waiting]);
    expect(bulk()).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  it("is another where the handle's call names one", async () => {
    const held = eio.promises.readFile(gate.path, { lane });
    await until(() => bulk().inFlight === 1);
    const other = { lane: "default" };
    const { bytesRead } = await handle.read(data, 0, 100, 0, other as never);
    expect(bytesRead).toBe(100);
    await gate.release();
    await held;
  });

  it("is not that of a closed descriptor whose number came back", async () => {
    const opened = await eio.promises.open(file, "r", 0o666, { lane });
    const { fd } = opened;
    await opened.close();
    const again = fs.openSync(file, "r");
    expect(again).toBe(fd);
    const held = eio.promises.readFile(gate.path, { lane });
    await until(() => bulk().inFlight === 1);
    await called((done) => eio.fs.fstat(again, done as never));
    fs.closeSync(again);
    await gate.release();
    await held;
  });

  it.each([1, null, {}])(
    "is refused as Node refuses when it is %j",
    async (wrong) => {
      await expect(
        eio.promises.stat(file, { lane: wrong } as never),
      ).rejects.toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    },
  );

  it("is refused where the instance lacks it, and nothing is lost", async () => {
    const unknown = { code: "ERR_EIO_UNKNOWN_LANE" };
    const none = { lane: "none" };
    await expect(eio.promises.stat(file, none)).rejects.toMatchObject(unknown);
    await expect(
      eio.statMany([file], { ...none, timeout: 1000 }),
    ).rejects.toMatchObject(unknown);
    await expect(
      handle.read(data, 0, 100, 0, none as never),
    ).rejects.toMatchObject(unknown);
    expect(() => eio.fs.stat(file, none as never, () => {})).toThrow(
      expect.objectContaining(unknown) as Error,
    );
    expect(eio.nreqs).toBe(0);
  });
});

describe("the options of lanes", () => {
  it.each([
    { lanes: { a: { maxParallel: 0 } } },
    { lanes: { a: { maxParallel: 1.5 } } },
    { lanes: { a: { share: 0 } } },
    { lanes: { a: 1 } },
    { lanes: [] },
    { lanes: { default: { maxParallel: 3 } } },
    { slots: 16, lanes: { a: { maxParallel: 9 } } },
    { isolateMounts: 1 },
    { isolateMounts: { localParallel: 0 } },
    { stuckAfterMs: 0 },
  ])("refuse %j", (options) => {
    expect(() => createEio(options as never)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }) as Error,
    );
  });
});
