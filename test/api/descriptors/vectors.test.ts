// writev: the file holds the buffers in their order, wherever they lie, however many there are, on every backend.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const backends = (["threads", "auto", "pool", "nowait"] as const).filter(
  (name) => name === "auto" || createEio().backends[name].available,
);

describe.each(backends)("writev on %s", (backend) => {
  const eio = createEio({ backend });
  afterAll(() => eio.close());

  /** Each begins further into its page than the one before, and says where it was given. */
  function views(count: number, bytes: number): NodeJS.ArrayBufferView[] {
    return Array.from({ length: count }, (_, i) => {
      const { buffer } = new Uint8Array(bytes + 64).fill(i % 251);
      return i % 3 === 0
        ? new DataView(buffer, i % 64, bytes)
        : new Uint8Array(buffer, i % 64, bytes);
    });
  }

  const written = (given: NodeJS.ArrayBufferView[]): Buffer =>
    Buffer.concat(
      given.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength)),
    );

  it.each([
    [3, 20_000],
    [16, 65_536],
    [3, 1 << 20],
    [512, 64],
    [512, 100],
    [513, 100],
    [1000, 2000],
  ])("of %i buffers of %i bytes", async (count, bytes) => {
    const file = folder.join(`${backend}-${count}-${bytes}`);
    const given = views(count, bytes);
    const handle = await eio.promises.open(file, "w");
    const result = await handle.writev(given);
    expect(result.bytesWritten).toBe(count * bytes);
    expect(result.buffers).toBe(given);
    const at = 7;
    await handle.writev(given.slice(0, 2), at);
    await handle.close();
    const expected = written(given);
    written(given.slice(0, 2)).copy(expected, at);
    expect(fs.readFileSync(file).equals(expected)).toBe(true);
  });

  it("in the callback form, empty buffers among them", async () => {
    const file = folder.join(`${backend}-callback`);
    const given = [new Uint8Array(0), ...views(3, 30_000), new Uint8Array(0)];
    const fd = fs.openSync(file, "w");
    const count = await new Promise((resolve, reject) =>
      eio.fs.writev(fd, given, 5, (error, bytes, buffers) => {
        expect(buffers).toBe(given);
        if (error) reject(error);
        else resolve(bytes);
      }),
    );
    fs.closeSync(fd);
    expect(count).toBe(90_000);
    expect(fs.readFileSync(file).subarray(5).equals(written(given))).toBe(true);
  });

  it("fails as node:fs does", async () => {
    const fd = fs.openSync(folder.file("read only"), "r");
    const given = views(2, 40_000);
    const theirs = await new Promise((resolve) =>
      fs.writev(fd, given, (error) => resolve(error)),
    );
    const ours = await new Promise((resolve) =>
      eio.fs.writev(fd, given, (error) => resolve(error)),
    );
    fs.closeSync(fd);
    expect({ ...(ours as Error) }).toEqual({ ...(theirs as Error) });
    expect((ours as Error).message).toBe((theirs as Error).message);
  });

  it("with a deadline, from a copy", async () => {
    const file = folder.join(`${backend}-deadline`);
    const given = views(4, 20_000);
    const fd = fs.openSync(file, "w");
    await new Promise<void>((resolve, reject) =>
      (
        eio.fs.writev as unknown as (
          ...args: [number, unknown, null, object, (e: unknown) => void]
        ) => void
      )(fd, given, null, { timeout: 60_000 }, (error) =>
        error ? reject(error as Error) : resolve(),
      ),
    );
    fs.closeSync(fd);
    expect(fs.readFileSync(file).equals(written(given))).toBe(true);
  });

  /** As postMessage does it: nobody has the memory under its old name any more. */
  const transfer = ({ buffer }: Uint8Array): void =>
    void structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });

  it("readv fills each buffer with its own part when another was transferred meanwhile", async () => {
    const bytes = Uint8Array.from({ length: 3000 }, (_, i) => i % 251);
    const handle = await eio.promises.open(
      folder.file(`${backend}-parts`, Buffer.from(bytes)),
    );
    const given = [1000, 1000, 1000].map((length) => new Uint8Array(length));
    const reading = handle.readv(given, 0);
    transfer(given[1]!);
    expect((await reading).bytesRead).toBe(3000);
    expect(given[0]).toEqual(bytes.subarray(0, 1000));
    expect(given[2]).toEqual(bytes.subarray(2000));
    await handle.close();
  });

  it.each([10, 20_000])(
    "a stream writes what is left when a chunk of %i bytes was transferred before its turn",
    async (length) => {
      const file = folder.join(`${backend}-chunks-${length}`);
      const stream = eio.fs.createWriteStream(file);
      const chunk = new Uint8Array(length).fill(1);
      for (const part of ["head", chunk, chunk, "tail"]) stream.write(part);
      transfer(chunk);
      await new Promise<void>((resolve, reject) =>
        stream.on("error", reject).end(resolve),
      );
      expect(fs.readFileSync(file, "utf8")).toBe("headtail");
    },
  );
});
