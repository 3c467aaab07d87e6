// Data beyond what shared memory has room for: one request where it stays in the caller's memory, several where its caller may
// want that back before the end, and the same bytes either way.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const BYTES = 3_500_000;
const content = Buffer.alloc(BYTES, "0123456789abc");
const backends = (
  ["threads", "auto", "pool", "nowait", "uring"] as const
).filter((name) => name === "auto" || createEio().backends[name].available);

/** The promise functions of an instance, or of a group. */
type Calls = { promises: Omit<Eio["promises"], "watch" | "constants"> };
const transfers: Record<
  string,
  (calls: Calls, file: string, options: object) => Promise<unknown>
> = {
  writeFile: ({ promises }, file, options) =>
    promises.writeFile(file, content, options),
  appendFile: ({ promises }, file, options) =>
    promises.appendFile(file, content, options),
  async "write of a handle"({ promises }, file, options) {
    const handle = await promises.open(file, "w");
    const { bytesWritten } = await handle.write(content, {
      position: 0,
      ...options,
    });
    expect(bytesWritten).toBe(BYTES);
    await handle.close();
  },
  async "read of a handle"({ promises }, file, options) {
    fs.writeFileSync(file, content);
    const handle = await promises.open(file, "r");
    const buffer = Buffer.alloc(BYTES);
    const { bytesRead } = await handle.read({
      buffer,
      position: 0,
      ...options,
    });
    expect(bytesRead).toBe(BYTES);
    expect(buffer.equals(content)).toBe(true);
    await handle.close();
  },
};

describe.each(backends)("%s of 3.5 MB", (backend) => {
  const eio = createEio({ backend });
  afterAll(() => eio.close());
  const moves = (): number => {
    const { read, write, spew } = eio.stats().ops;
    const all = [read, write, spew].map((op) => op?.submitted ?? 0);
    return all.reduce((sum, count) => sum + count, 0);
  };
  async function movesOf(
    name: string,
    options: object,
    calls: Calls = eio,
  ): Promise<number> {
    const file = folder.join(`${backend}-${name}-${Math.random()}`);
    const before = moves();
    await transfers[name]!(calls, file, options);
    expect(fs.readFileSync(file).equals(content)).toBe(true);
    fs.unlinkSync(file);
    return moves() - before;
  }
  const isLent = eio.backends.threads.available;

  describe.each(Object.keys(transfers))("%s", (name) => {
    it("is one request where the memory is lent", async () => {
      expect(await movesOf(name, {})).toBe(isLent ? 1 : 4);
    });

    it("is several where it may end before", async () => {
      const { signal } = new AbortController();
      expect(await movesOf(name, { signal })).toBe(4);
      expect(await movesOf(name, { timeout: 60_000 })).toBe(4);
    });

    it("is several in a group that may end, and in groups in it", async () => {
      await using group = eio.group({ timeout: 60_000 });
      expect(await movesOf(name, {}, group)).toBe(4);
      await using inner = group.group();
      expect(await movesOf(name, {}, inner)).toBe(4);
      await using lasting = eio.group();
      expect(await movesOf(name, {}, lasting)).toBe(isLent ? 1 : 4);
    });
  });

  it("works by callbacks, to and from an offset", async () => {
    const file = folder.join(`${backend}-callbacks`);
    const fd = fs.openSync(file, "w+");
    const before = moves();
    const written = await new Promise((resolve, reject) =>
      eio.fs.write(fd, content, 5, BYTES - 5, 3, (error, count) =>
        error ? reject(error) : resolve(count),
      ),
    );
    expect(written).toBe(BYTES - 5);
    const buffer = Buffer.alloc(BYTES);
    const read = await new Promise((resolve, reject) =>
      eio.fs.read(fd, buffer, 5, BYTES - 5, 3, (error, count) =>
        error ? reject(error) : resolve(count),
      ),
    );
    expect(read).toBe(BYTES - 5);
    expect(buffer.subarray(5).equals(content.subarray(5))).toBe(true);
    expect(moves() - before).toBe(isLent ? 2 : 8);
    fs.closeSync(fd);
  });
});
