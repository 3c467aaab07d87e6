// Streams on our requests against Node's: the same bytes, events and errors, however they are
// opened and wherever they start and end; and read ahead only where that cannot be noticed.
import { execFileSync } from "node:child_process";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { streamProperties } from "../../../src/api/streams/calls.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  turn,
  until,
} from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { errorFields } from "../differential.ts";
import { openOurs } from "../handles/handles.ts";

const folder = testFolder();
const engine = makeEngine();
afterAll(closeEngines);

const ours = Object.defineProperties(
  {},
  streamProperties(() => engine),
) as typeof fs;

const SIZE = 700_001;
const content = Buffer.alloc(SIZE);
for (let i = 0; i < SIZE; i++) content[i] = (i * 7) ^ (i >>> 8);
const file = folder.file("file", content);

interface Seen {
  data: Buffer;
  events: string[];
  error?: unknown;
  bytesRead: number;
  pending: boolean;
}

async function readAll(stream: fs.ReadStream): Promise<Seen> {
  const parts: Buffer[] = [];
  const seen: Seen = {
    data: Buffer.alloc(0),
    events: [],
    bytesRead: 0,
    pending: stream.pending,
  };
  for (const event of ["open", "ready", "end", "close"])
    stream.on(event, () => seen.events.push(event));
  stream.on("data", (chunk) => parts.push(Buffer.from(chunk)));
  stream.on("error", (error) => {
    seen.events.push("error");
    seen.error = errorFields(error, folder.path);
  });
  await until(() => stream.closed);
  await turn();
  return { ...seen, data: Buffer.concat(parts), bytesRead: stream.bytesRead };
}

async function sameReading(
  path: string,
  options?: Record<string, unknown>,
): Promise<Seen> {
  const theirs = await readAll(fs.createReadStream(path, options as never));
  const own = await readAll(ours.createReadStream(path, options as never));
  expect(own.data.equals(theirs.data)).toBe(true);
  expect({ ...own, data: null }).toEqual({ ...theirs, data: null });
  return own;
}

describe("a read stream", () => {
  it.each([
    {},
    { highWaterMark: 1000 },
    { highWaterMark: 1 << 20 },
    { highWaterMark: 3 << 20 },
    { start: 5 },
    { start: 5, end: 5 },
    { end: 0 },
    { start: 65536, end: 65536 * 2 - 1 },
    { start: SIZE - 1 },
    { start: SIZE },
    { start: SIZE + 5, end: SIZE + 50 },
    { start: 1, end: SIZE + 1000, highWaterMark: 12345 },
    { encoding: "latin1" },
    { emitClose: false },
    { flags: "r+", mode: 0o600 },
  ])("%o is Node's", async (options) => {
    const { emitClose = true, ...rest } = options as { emitClose?: boolean };
    const seen = await sameReading(file, { ...rest, emitClose });
    expect(seen.events.includes("close")).toBe(emitClose);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("behaves as Node's wherever it starts and ends, in pieces of any size", async () => {
    const where = fc.record(
      {
        start: fc.nat(SIZE + 1000),
        end: fc.nat(SIZE + 1000),
        highWaterMark: fc.integer({ min: 500, max: 300_000 }),
      },
      { requiredKeys: ["highWaterMark"] },
    );
    await fc.assert(
      fc.asyncProperty(where, async (options) => {
        const { start = 0, end = Infinity } = options;
        if (start <= end) await sameReading(file, options);
      }),
      { numRuns: 30 },
    );
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it.each([
    ["no such file", folder.join("missing"), {}],
    ["a folder", folder.path, {}],
    ["an empty file", folder.file("empty"), {}],
    ["/dev/null", "/dev/null", {}],
    ["/proc", "/proc/self/limits", {}],
  ])("of %s is Node's", async (_what, path, options) => {
    await sameReading(path, options);
  });

  it("refuses what Node refuses, in its words", () => {
    const wrong: [unknown, unknown][] = [
      [file, 5],
      [file, { start: "5" }],
      [file, { start: 7, end: 5 }],
      [file, { start: -1 }],
      [file, { end: 1.5 }],
      [file, { fd: "x" }],
      [file, { fd: -1 }],
      [file, { fd: {} }],
      [file, { fs: {} }],
      [file, { encoding: "unheard of" }],
      [undefined, {}],
      ["a\0b", {}],
      [file, { autoClose: false, fs: { open() {} } }],
    ];
    for (const [path, options] of wrong) {
      const outcomeOf = (side: typeof fs): unknown => {
        try {
          side.createReadStream(path as string, options as never);
          return "taken";
        } catch (error) {
          return errorFields(error as Error, folder.path);
        }
      };
      expect(outcomeOf(ours)).toEqual(outcomeOf(fs));
    }
  });

  it("is an instance of both classes, with new and without", () => {
    const { ReadStream, WriteStream } = ours as unknown as {
      ReadStream: new (path: string) => fs.ReadStream;
      WriteStream: new (path: string) => fs.WriteStream;
    };
    const call = ReadStream as unknown as (path: string) => fs.ReadStream;
    for (const stream of [new ReadStream(file), call(file)]) {
      expect(stream).toBeInstanceOf(ReadStream);
      expect(stream).toBeInstanceOf(fs.ReadStream);
      expect(stream.constructor.name).toBe("ReadStream");
      stream.destroy();
    }
    const to = folder.join("classes");
    const make = WriteStream as unknown as (path: string) => fs.WriteStream;
    for (const stream of [new WriteStream(to), make(to)]) {
      expect(stream).toBeInstanceOf(WriteStream);
      expect(stream).toBeInstanceOf(fs.WriteStream);
      stream.destroy();
    }
    class Own extends ReadStream {}
    const own = new Own(file);
    expect(own).toBeInstanceOf(Own);
    own.destroy();
    function Old(this: fs.ReadStream, path: string): void {
      (ReadStream as unknown as (path: string) => void).call(this, path);
    }
    Object.setPrototypeOf(Old.prototype, ReadStream.prototype);
    const old = Reflect.construct(Old, [file]) as fs.ReadStream;
    expect(old.path).toBe(file);
    old.destroy();
  });

  it("takes the user's own file access", async () => {
    let reads = 0;
    const stream = ours.createReadStream(file, {
      fs: {
        open: fs.open,
        close: fs.close,
        read: ((...args: unknown[]) => {
          reads++;
          (fs.read as (...all: unknown[]) => void)(...args);
        }) as never,
      },
    });
    expect((await readAll(stream)).data.equals(content)).toBe(true);
    expect(reads).toBe(Math.ceil(SIZE / 65536) + 1);
  });

  it("is read at the consumer's pace", async () => {
    const stream = ours.createReadStream(file);
    let taken = 0;
    for await (const chunk of stream) {
      taken += (chunk as Buffer).length;
      for (let i = 0; i < 5; i++) await turn();
      expect(stream.bytesRead - taken).toBeLessThanOrEqual(2 * 65536);
    }
    expect(taken).toBe(SIZE);
  });

  it("closes after an early end, with nothing left behind", async () => {
    for (let chunks = 0; chunks < 6; chunks++) {
      let count = 0;
      for await (const _ of ours.createReadStream(file, {
        highWaterMark: 20_000,
      }))
        if (count++ === chunks) break;
    }
    const controller = new AbortController();
    const stream = ours.createReadStream(file, { signal: controller.signal });
    const failed = once(stream, "error");
    await once(stream, "data");
    controller.abort();
    expect(((await failed) as [Error])[0].name).toBe("AbortError");
    await until(() => stream.closed);
    expect(descriptorsBelow(folder.path)).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("finds what was appended, and the end where it was cut", async () => {
    const growing = folder.file("growing", content);
    let taken = 0;
    let grown = false;
    for await (const chunk of ours.createReadStream(growing)) {
      taken += (chunk as Buffer).length;
      if (!grown && taken > SIZE / 2) fs.appendFileSync(growing, content);
      grown ||= taken > SIZE / 2;
    }
    expect(taken).toBe(2 * SIZE);
    taken = 0;
    for await (const chunk of ours.createReadStream(growing)) {
      if (taken === 0) fs.truncateSync(growing, 300_000);
      taken += (chunk as Buffer).length;
    }
    // What was read ahead before it was cut may still come.
    expect(taken).toBeGreaterThanOrEqual(300_000);
    expect(taken).toBeLessThanOrEqual(2 * SIZE);
  });

  it("reads from a pipe as it comes", async () => {
    const fifo = folder.join("fifo");
    execFileSync("mkfifo", [fifo]);
    const stream = ours.createReadStream(fifo, { highWaterMark: 1000 });
    const reading = readAll(stream);
    const [fd] = await Promise.all([
      new Promise<number>((resolve, reject) =>
        fs.open(fifo, "w", (error, opened) =>
          error ? reject(error) : resolve(opened),
        ),
      ),
      once(stream, "open"),
    ]);
    for (let i = 0; i < 20; i++) fs.writeSync(fd, content, i * 1000, 1000);
    fs.closeSync(fd);
    const { data } = await reading;
    expect(data.equals(content.subarray(0, 20_000))).toBe(true);
  });

  it("leaves a bare descriptor where it stopped", async () => {
    const fd = fs.openSync(file, "r");
    const stream = ours.createReadStream("", {
      fd,
      autoClose: false,
      highWaterMark: 1000,
      end: 4999,
    });
    const parts = [];
    for await (const chunk of stream) parts.push(chunk as Buffer);
    expect(Buffer.concat(parts).equals(content.subarray(0, 5000))).toBe(true);
    const next = Buffer.alloc(10);
    fs.readSync(fd, next);
    expect(next.equals(content.subarray(5000, 5010))).toBe(true);
    fs.closeSync(fd);
  });

  it("keeps the async context", async () => {
    const storage = new AsyncLocalStorage<number>();
    const seen = new Set<unknown>();
    await Promise.all(
      [1, 2, 3].map((id) =>
        storage.run(id, async () => {
          const stream = ours.createReadStream(file, { highWaterMark: 9999 });
          stream.on("data", () => seen.add(storage.getStore() === id));
          await once(stream, "close");
        }),
      ),
    );
    expect([...seen]).toEqual([true]);
  });

  it("closes in the context that destroyed it, also while it reads ahead", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = new Set<unknown>();
    for (let chunks = 1; chunks <= 10; chunks++)
      await storage.run("opened", async () => {
        const stream = ours.createReadStream(file, { highWaterMark: 9999 });
        let count = 0;
        stream.on("data", () => {
          if (++count === chunks)
            storage.run("destroyed", () => stream.destroy());
        });
        await new Promise<void>((resolve) =>
          stream.on("close", () => {
            seen.add(storage.getStore());
            resolve();
          }),
        );
      });
    expect([...seen]).toEqual(["destroyed"]);
  });

  it("keeps the process until it is closed, when it was destroyed while it read ahead", () => {
    const door = path.resolve(import.meta.dirname, "../../../dist/fs.cjs");
    const program = `
      const fs = require(${JSON.stringify(door)});
      (async () => {
        let closed = 0;
        process.on("exit", () => console.log(closed));
        while (closed < 100) {
          let count = 0;
          const stream = fs.createReadStream(${JSON.stringify(file)}, { highWaterMark: 9999 });
          stream.on("data", () => ++count === 1 + (closed % 11) && stream.destroy());
          await new Promise((resolve) => stream.on("close", resolve));
          closed++;
        }
      })();`;
    const printed = execFileSync(process.execPath, ["-e", program]);
    expect(printed.toString().trim()).toBe("100");
  });
});

describe("a stream of a handle", () => {
  it.each([{}, { start: 7 }, { start: 7, end: 300_000 }])(
    "%o reads and closes it",
    async (options) => {
      const handle = await openOurs(engine, file, "r");
      const { data } = await readAll(
        handle.createReadStream(options) as fs.ReadStream,
      );
      const { start = 0, end = SIZE } = options as {
        start?: number;
        end?: number;
      };
      expect(data.equals(content.subarray(start, end + 1))).toBe(true);
      expect(handle.fd).toBe(-1);
    },
  );

  it("leaves it open with autoClose: false, and ends when it is closed", async () => {
    const handle = await openOurs(engine, file, "r");
    const stream = handle.createReadStream({ autoClose: false, end: 9 });
    await once(stream.resume(), "end");
    expect(handle.fd).toBeGreaterThan(2);
    expect((await handle.read(Buffer.alloc(5), 0, 5, 0)).bytesRead).toBe(5);
    await Promise.all([once(stream, "close"), handle.close()]);
    expect(handle.fd).toBe(-1);
  });

  it("is refused for a closed handle, and with custom file access", async () => {
    const handle = await openOurs(engine, file, "r");
    expect(() =>
      ours.createReadStream("", { fd: handle as never, fs: fs as never }),
    ).toThrow("The FileHandle with fs method is not implemented");
    await handle.close();
    expect(() => handle.createReadStream()).toThrow(
      expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }) as Error,
    );
  });

  it("writes, syncs and closes it", async () => {
    const handle = await openOurs(engine, folder.join("written"), "w");
    await pipeline(
      fs.createReadStream(file),
      handle.createWriteStream({ flush: true } as never),
    );
    expect(handle.fd).toBe(-1);
    expect(fs.readFileSync(folder.join("written")).equals(content)).toBe(true);
  });
});

describe("a write stream", () => {
  it.each([
    {},
    { highWaterMark: 100 },
    { flush: true },
    { encoding: "latin1" },
    { mode: 0o600 },
  ])("%o writes what Node's does", async (options) => {
    const results = [];
    for (const side of [fs, ours]) {
      const to = folder.join("to");
      fs.rmSync(to, { force: true });
      const stream = side.createWriteStream(to, options as never);
      stream.write("text ü");
      stream.write(content);
      stream.cork();
      for (let i = 0; i < 2000; i++) stream.write(`${i} `);
      stream.uncork();
      stream.end("end");
      await once(stream, "close");
      results.push({
        data: fs.readFileSync(to, "latin1"),
        mode: fs.statSync(to).mode,
        bytesWritten: stream.bytesWritten,
      });
    }
    expect(results[1]!.data === results[0]!.data).toBe(true);
    expect({ ...results[1], data: 0 }).toEqual({ ...results[0], data: 0 });
  });

  it("writes at a place, appends, and fails as Node's does", async () => {
    const to = folder.file("at", "0123456789");
    await pipeline(
      ["ab"],
      ours.createWriteStream(to, { flags: "r+", start: 3 }),
    );
    await pipeline(["cd"], ours.createWriteStream(to, { flags: "a" }));
    expect(fs.readFileSync(to, "utf8")).toBe("012ab56789cd");
    for (const [path, options] of [
      [folder.path, {}],
      [folder.join("no/such"), {}],
      [to, { flags: "wx" }],
    ] as const) {
      const outcomeOf = async (side: typeof fs): Promise<unknown> =>
        errorFields(
          (
            (await once(side.createWriteStream(path, options), "error")) as [
              Error,
            ]
          )[0],
          folder.path,
        );
      expect(await outcomeOf(ours)).toEqual(await outcomeOf(fs));
    }
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

describe("a stream whose signal is aborted before", () => {
  const aborted = (): { signal: AbortSignal } => ({
    signal: AbortSignal.abort(new Error("given up")),
  });
  const failure = async (stream: Readable | Writable): Promise<unknown> => {
    let opened = false;
    let error: Error | undefined;
    stream.on("open", () => (opened = true));
    stream.on("error", (given) => (error = given));
    await new Promise((resolve) => stream.on("close", resolve));
    return { ...errorFields(error!, ""), cause: error?.cause, opened };
  };

  it.each([
    ["createReadStream", {}],
    ["createReadStream", { autoClose: false }],
    ["createWriteStream", {}],
    ["createWriteStream", { flags: "r+", flush: true }],
  ] as const)(
    "%s(path, %j) fails as Node's, and leaves nothing open",
    async (name, options) => {
      const path = folder.file("aborted", "kept");
      const own = await failure(ours[name](path, { ...options, ...aborted() }));
      await turn();
      await until(() => engine.nreqs === 0);
      expect(descriptorsBelow(folder.path)).toEqual([]);
      expect(fs.readFileSync(path, "utf8")).toBe("kept");
      // Node opens a file for this one, which is never closed: no file, no leak.
      const missing = folder.join("no/such");
      const theirs = fs[name](missing, { ...options, ...aborted() });
      expect(own).toEqual(await failure(theirs));
    },
  );

  it("opens nothing without a close event either", async () => {
    const options = { emitClose: false, ...aborted() };
    const stream = ours.createReadStream(file, options);
    await new Promise((resolve) => stream.on("error", resolve));
    await turn();
    await until(() => engine.nreqs === 0);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it.each(["createReadStream", "createWriteStream"] as const)(
    "closes the handle of handle.%s()",
    async (name) => {
      const path = folder.file("aborted", "kept");
      const handle = await openOurs(engine, path, "r+");
      // A read in flight keeps the descriptor until it is done.
      const reading = handle.read(Buffer.alloc(4), 0, 4, 0);
      const stream = handle[name](aborted() as never);
      expect(await failure(stream)).toMatchObject({ opened: false });
      expect((await reading).bytesRead).toBe(4);
      expect(handle.fd).toBe(-1);
      await until(() => engine.nreqs === 0);
      expect(descriptorsBelow(folder.path)).toEqual([]);
    },
  );
});
