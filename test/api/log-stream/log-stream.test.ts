// The stream for log lines: what is written is in the file, in its order, however it is flushed, rotated or ended; sonic-boom's
// events come when they are due; and pino logs into it.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import type { FaultRule } from "../../../src/api/faults/rules.ts";
import { LogStream } from "../../../src/api/log-stream/log-stream.ts";
import type { LogStreamOptions } from "../../../src/api/log-stream/options.ts";
import { until } from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";

const folder = testFolder();
let files = 0;
const nextPath = (): string => folder.join(`log${files++}`);
const textOf = (file: string): string => fs.readFileSync(file, "utf8");

function instance(options: Parameters<typeof createEio>[0] = {}): Eio {
  const eio = createEio(options);
  onTestFinished(() => eio.close());
  return eio;
}

async function opened(options: LogStreamOptions): Promise<LogStream> {
  const stream = new LogStream({ eio: instance(), ...options });
  await once(stream, "ready");
  return stream;
}

async function ended(stream: LogStream): Promise<string[]> {
  const events: string[] = [];
  for (const name of ["finish", "close"])
    stream.on(name, () => events.push(name));
  const closed = once(stream, "close");
  stream.end();
  await closed;
  return events;
}

const flushed = (stream: LogStream): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.flush((error) => (error ? reject(error) : resolve()));
  });

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} \u{1f440}\n`);

describe.each([false, true])("a log stream, sync: %s", (sync) => {
  it("writes everything in its order, and closes the file at its end", async () => {
    const file = nextPath();
    const stream = await opened({ dest: file, sync });
    const texts = lines(0, 3000);
    for (const text of texts) stream.write(text);
    expect(await ended(stream)).toEqual(["finish", "close"]);
    expect(textOf(file)).toBe(texts.join(""));
    expect(stream.destroyed).toBe(true);
    expect(descriptorsBelow(file)).toEqual([]);
    expect(() => stream.write("more")).toThrow(
      expect.objectContaining({ code: "ERR_STREAM_DESTROYED" }),
    );
  });

  it("takes bytes as they are", async () => {
    const file = nextPath();
    const stream = await opened({ fd: file, sync, contentMode: "buffer" });
    const bytes = Buffer.from([0xff, 0, 0x80]);
    for (let i = 0; i < 10; i++) stream.write(bytes);
    await ended(stream);
    expect(fs.readFileSync(file)).toEqual(
      Buffer.concat(Array.from({ length: 10 }, () => bytes)),
    );
  });

  it("keeps less than minLength for flush(), whose callback comes when it is on the disk", async () => {
    const file = nextPath();
    const faults = plan();
    const eio = instance({ faults });
    const stream = await opened({ fd: file, sync, minLength: 4096, eio });
    stream.write("kept\n");
    expect(textOf(file)).toBe("");
    await flushed(stream);
    expect(textOf(file)).toBe("kept\n");
    expect(faults.trace.at(-1)?.op).toBe("fsync");
    await flushed(stream);
    stream.write("also kept\n");
    await ended(stream);
    expect(textOf(file)).toBe("kept\nalso kept\n");
  });

  it("flushes all of it, also what is left below minLength", async () => {
    const file = nextPath();
    const options = { minLength: 100, maxWrite: 150 };
    const stream = await opened({ fd: file, sync, ...options });
    const texts = ["a".repeat(90), "b".repeat(90), "c".repeat(20)];
    for (const text of texts) stream.write(text);
    await flushed(stream);
    expect(textOf(file)).toBe(texts.join(""));
    await ended(stream);
  });

  it("writes the rest of what was written in part, and reports each write", async () => {
    const file = nextPath();
    const eio = instance({
      faults: plan({ rules: [{ op: "write", then: { short: 7 } }] }),
    });
    const stream = await opened({ fd: file, eio, sync });
    const counts: number[] = [];
    stream.on("write", (bytes: number) => counts.push(bytes));
    stream.write("twenty-one characters");
    await ended(stream);
    expect(textOf(file)).toBe("twenty-one characters");
    // What is written on the thread of the loop meets no faults.
    expect(counts).toEqual(sync ? [21] : [7, 7, 7]);
  });

  it("goes on in a new file when it is reopened", async () => {
    const file = nextPath();
    const stream = await opened({ fd: file, sync });
    stream.write("before\n");
    await until(() => textOf(file) !== "");
    fs.renameSync(file, `${file}.1`);
    const drained = once(stream, "drain");
    stream.reopen();
    await drained;
    stream.write("after\n");
    await ended(stream);
    expect([textOf(`${file}.1`), textOf(file)]).toEqual([
      "before\n",
      "after\n",
    ]);
    expect(descriptorsBelow(file)).toEqual([]);
  });

  it("drops what is more than maxLength, and shows it", async () => {
    const file = nextPath();
    const options = { minLength: 100, maxLength: 10 };
    const stream = await opened({ fd: file, sync, ...options });
    const dropped: string[] = [];
    stream.on("drop", (text: string) => dropped.push(text));
    for (const text of ["12345", "67890", "too much", ""]) stream.write(text);
    expect(dropped).toEqual(["too much"]);
    await ended(stream);
    expect(textOf(file)).toBe("1234567890");
  });

  it("makes the folder and the mode, appends or begins anew", async () => {
    const file = path.join(nextPath(), "deep", "log");
    const options = { fd: file, sync, mkdir: true, mode: 0o600 };
    await ended(await opened({ ...options }));
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const append = await opened(options);
    append.write("one\n");
    await ended(append);
    const anew = await opened({ ...options, append: false });
    anew.write("two\n");
    await ended(anew);
    expect(textOf(file)).toBe("two\n");
  });

  it("destroy() writes nothing more", async () => {
    const file = nextPath();
    const stream = await opened({ fd: file, sync, minLength: 100 });
    stream.write("lost");
    const closed = once(stream, "close");
    stream.destroy();
    await closed;
    expect(textOf(file)).toBe("");
    expect(descriptorsBelow(file)).toEqual([]);
  });
});

describe("a log stream", () => {
  const failing = (...rules: FaultRule[]) =>
    instance({ faults: plan({ rules }) });

  it("returns false when the producer is to wait, and drains", async () => {
    const stream = await opened({ fd: nextPath() });
    expect(stream.write("a")).toBe(true);
    const drained = once(stream, "drain");
    expect(stream.write("b".repeat(20_000))).toBe(false);
    await drained;
    await ended(stream);
  });

  it("tries again after EAGAIN, as long as it may", async () => {
    const file = nextPath();
    const eio = failing({
      op: "write",
      times: 2,
      then: { error: "EAGAIN" },
    });
    const asked: number[][] = [];
    const stream = await opened({
      ...{ fd: file, eio },
      retryEAGAIN: (_error, bytes, rest) => asked.push([bytes, rest]) > 0,
    });
    stream.write("first");
    stream.write("second");
    await ended(stream);
    expect(textOf(file)).toBe("firstsecond");
    expect(asked).toEqual([
      [5, 6],
      [5, 6],
    ]);
  });

  it.each([
    ["maxWriteRetries", { maxWriteRetries: 1 }],
    ["retryEAGAIN", { retryEAGAIN: () => false }],
  ])("gives up at %s, and writes it with what comes next", async (_, given) => {
    const file = nextPath();
    const eio = failing({ op: "write", times: 2, then: { error: "EAGAIN" } });
    const stream = await opened({ fd: file, eio, ...given });
    for (let failed = 0; failed < 2; failed++) {
      if (failed === 1 && "maxWriteRetries" in given) break;
      const failing = once(stream, "error");
      stream.write(`line ${failed}\n`);
      expect((await failing)[0]).toMatchObject({ code: "EAGAIN" });
    }
    stream.write("next\n");
    await ended(stream);
    expect(textOf(file)).toMatch(/^line 0\n(line 1\n)?next\n$/);
  });

  it("reports an error to those who flush, and keeps what was not written", async () => {
    const file = nextPath();
    const eio = failing({ op: "write", times: 1, then: { error: "ENOSPC" } });
    const stream = await opened({ fd: file, eio, minLength: 10 });
    stream.write("kept");
    await expect(flushed(stream)).rejects.toMatchObject({ code: "ENOSPC" });
    await flushed(stream);
    expect(textOf(file)).toBe("kept");
    await ended(stream);
  });

  it("emits an error for a file that cannot be opened, and throws it when sync", async () => {
    const file = path.join(nextPath(), "absent");
    const stream = new LogStream({ fd: file, eio: instance() });
    expect((await once(stream, "error"))[0]).toMatchObject({ code: "ENOENT" });
    expect(() => new LogStream({ fd: file, sync: true })).toThrow("ENOENT");
  });

  it("with fsync syncs on a thread, never on the loop", async () => {
    const file = nextPath();
    const faults = plan();
    const { fs } = instance({ faults });
    const guarded = Object.create(fs) as typeof fs;
    guarded.fsyncSync = () => expect.unreachable("fsyncSync on the loop");
    const stream = await opened({
      fd: file,
      fsync: true,
      eio: { fs: guarded },
    });
    stream.write("synced\n");
    await once(stream, "drain");
    expect(faults.trace.map(({ op }) => op).slice(-2)).toEqual([
      "write",
      "fsync",
    ]);
    await ended(stream);
  });

  it("periodicFlush writes what waits", async () => {
    const file = nextPath();
    const options = { minLength: 1000, periodicFlush: 5 };
    const stream = await opened({ fd: file, ...options });
    stream.write("waits");
    await until(() => textOf(file) === "waits");
    await ended(stream);
  });

  it("flushSync writes what waits, at once", async () => {
    const file = nextPath();
    const stream = await opened({ fd: file, minLength: 1000 });
    stream.write("waits");
    stream.flushSync();
    expect(textOf(file)).toBe("waits");
    await ended(stream);
    const early = new LogStream({ fd: file, eio: instance() });
    expect(() => early.flushSync()).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_STATE" }),
    );
    await once(early, "ready");
    await ended(early);
  });

  it.each([
    { fd: {} },
    {},
    { fd: 1, contentMode: "latin1" },
    { fd: 1, minLength: 20_000 },
  ])("refuses the options %o", (options) => {
    expect(() => new LogStream(options as never)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
    );
  });
});

describe("at the end of the process", () => {
  const door = pathToFileURL(path.resolve("dist/log-stream.js")).href;
  const run = (program: string): void => {
    const text = `import LogStream from ${JSON.stringify(door)};\n${program}`;
    execFileSync(process.execPath, ["--input-type=module", "--eval", text]);
  };

  it.each([
    [
      "by process.exit(), with the file open",
      "await ready; all(); process.exit()",
    ],
    ["by process.exit(), before the file is open", "all(); process.exit()"],
    [
      "by an error",
      "await ready; all(); process.on('uncaughtException', () => process.exit(0)); throw 1",
    ],
    ["by itself", "all();"],
  ])("everything is written: %s", (_how, end) => {
    const file = nextPath();
    run(`
      const stream = new LogStream({ dest: ${JSON.stringify(file)}, minLength: 4096 });
      const ready = new Promise((resolve) => stream.once("ready", resolve));
      const all = () => { for (let i = 0; i < 2000; i++) stream.write("line " + i + "\\n"); };
      ${end}`);
    const texts = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`);
    expect(textOf(file)).toBe(texts.join(""));
  });
});

describe("pino", () => {
  const require = createRequire(import.meta.url);
  const pino = require("pino") as (
    options: object,
    stream: unknown,
  ) => {
    info(about: object, text: string): void;
    flush(done: () => void): void;
  };

  it("logs into a log stream, and flushes it", async () => {
    const file = nextPath();
    const stream = await opened({ dest: file, minLength: 4096 });
    const logger = pino({ base: null }, stream);
    for (let i = 0; i < 500; i++) logger.info({ i }, "hello");
    await new Promise<void>((resolve) => logger.flush(resolve));
    const found = textOf(file)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { i: number; msg: string });
    expect(found.map(({ i }) => i)).toEqual([...Array(500).keys()]);
    expect(found[7]!.msg).toBe("hello");
    await ended(stream);
  });
});
