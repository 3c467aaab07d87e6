// The tail of a log: each line once, in order, over rotations by renaming and by copying and cutting, over removal and return, and from
// a remembered place on. The writer is synchronous here, so that what is there at each look is known; rotation.test.ts has a real one.
import fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, eio } from "../../../src/api/create.ts";
import type {
  TailOptions,
  TailPosition,
} from "../../../src/api/tail/options.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { until } from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";

/** Stats of a tail that finds no file, before it waits. */
const LOOKS = 4;
/** Of three looks at two files, and one at the path before. */
const STATS_OF_LOOK = 7;

const folder = testFolder();
let logs = 0;
/** In a folder of its own. */
function nextLog(text?: string): string {
  const home = folder.join(`home${logs++}`);
  fs.mkdirSync(home);
  const file = `${home}/app.log`;
  if (text !== undefined) fs.writeFileSync(file, text);
  return file;
}

/** What a tail gives, one after the other: it is asked only when the test wants something. */
function follow(file: string, options: TailOptions = {}, instance = eio) {
  const tail = instance.tail(file, { follow: true, pollMs: 20, ...options });
  onTestFinished(() => tail.close());
  const items = tail[Symbol.asyncIterator]();
  const next = async (count: number): Promise<unknown[]> => {
    const lines: unknown[] = [];
    while (lines.length < count) lines.push((await items.next()).value);
    return lines;
  };
  return { tail, next };
}

async function all(
  file: string,
  options: TailOptions = {},
): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of eio.tail(file, options)) lines.push(line);
  return lines;
}

/** Copies and cuts, as logrotate's copytruncate does. */
function copyAndCut(file: string, copy = `${file}.1`): void {
  fs.copyFileSync(file, copy);
  fs.truncateSync(file);
}

describe("a tail without follow", () => {
  it("gives the lines that are there, without their ends, and the last one though its end is missing", async () => {
    const file = nextLog("one\ntwo\r\n\nfour");
    expect(await all(file)).toEqual(["one", "two", "", "four"]);
    expect(await all(nextLog(""))).toEqual([]);
  });

  it("gives lines that are longer than what is read at once, and characters that lie on the seam", async () => {
    const lines = [70_000, 3, 200_001].map((count) => "ä€😀".repeat(count));
    expect(await all(nextLog(lines.join("\n")))).toEqual(lines);
  });

  it("gives bytes as they come, or lines as Buffers", async () => {
    const file = nextLog("one\ntwo\n");
    const bytes = (await all(file, { as: "bytes" })) as Buffer[];
    expect(Buffer.concat(bytes).toString()).toBe("one\ntwo\n");
    expect(await all(file, { encoding: null })).toEqual(
      ["one", "two"].map((text) => Buffer.from(text)),
    );
  });

  it("begins at an offset or at the end", async () => {
    const file = nextLog("one\ntwo\n");
    expect(await all(file, { from: 4 })).toEqual(["two"]);
    expect(await all(file, { from: "end" })).toEqual([]);
  });

  it("fails as an open and a read do for what is missing or no file", async () => {
    await expect(all(nextLog())).rejects.toMatchObject({ code: "ENOENT" });
    await expect(all(folder.path)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(all("/dev/null")).rejects.toMatchObject({ code: "ESPIPE" });
  });

  it.each([false, true])(
    "fails for an empty path instead of the current folder, with follow: %s",
    async (follow) => {
      await expect(all("", { follow })).rejects.toMatchObject({
        ...{ code: "ENOENT", path: "" },
      });
    },
  );

  it("ends with an error at a line that is longer than allowed", async () => {
    const file = nextLog(`short\n${"long".repeat(1000)}\n`);
    const tail = eio.tail(file, { maxLineBytes: 100 });
    const lines: string[] = [];
    const reading = (async () => {
      for await (const line of tail) lines.push(line);
    })();
    await expect(reading).rejects.toMatchObject({ code: "ERR_EIO_TOO_LARGE" });
    expect(lines).toEqual(["short"]);
  });

  it.each<[string, TailOptions]>([
    ["folow", { folow: true } as TailOptions],
    ["from", { from: -1 }],
    ["from", { from: { ino: "1" } as TailPosition }],
    ["as", { as: "words" as "lines" }],
    ["encoding", { encoding: "utf-9" as "utf8" }],
    ["pollMs", { pollMs: 0 }],
  ])("refuses a wrong option: %s", (name, options) => {
    expect(() => eio.tail("a", options)).toThrow(
      expect.objectContaining({
        code: "ERR_EIO_INVALID_OPTION",
        message: expect.stringContaining(`"${name}"`),
      }),
    );
  });
});

describe("a tail that follows", () => {
  it("gives what is appended, and a line only when its end is there", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    const waiting = next(2);
    fs.appendFileSync(file, "tw");
    await setImmediate();
    fs.appendFileSync(file, "o\nthree\n");
    expect(await waiting).toEqual(["two", "three"]);
  });

  it("waits for a file that is not there yet, and gives it whole, also from its end on", async () => {
    for (const from of ["start", "end"] as const) {
      const own = createEio();
      onTestFinished(() => own.close());
      const file = nextLog();
      const tail = own.tail(file, { from, follow: true, pollMs: 20 });
      const waiting = tail[Symbol.asyncIterator]().next();
      // It has looked for the file, and for where to begin.
      await until(() => Number(own.stats().ops.stat?.settled) >= LOOKS);
      fs.writeFileSync(file, "first\n");
      expect((await waiting).value).toBe("first");
      await tail.close();
    }
  });

  it("reads a renamed file to its end, whatever was written there after the renaming, then the new one", async () => {
    const own = createEio();
    onTestFinished(() => own.close());
    const file = nextLog("one\n");
    const { next } = follow(file, {}, own);
    expect(await next(1)).toEqual(["one"]);
    fs.renameSync(file, `${file}.1`);
    fs.appendFileSync(`${file}.1`, "two\n");
    expect(await next(1)).toEqual(["two"]);
    // The tail sees the new file before the writer opens it.
    fs.writeFileSync(file, "");
    const waiting = next(1);
    const looked = Number(own.stats().ops.stat?.settled) + 2 * STATS_OF_LOOK;
    await until(() => Number(own.stats().ops.stat?.settled) >= looked);
    fs.appendFileSync(`${file}.1`, "three\nfour");
    expect(await waiting).toEqual(["three"]);
    fs.writeFileSync(file, "five\n");
    expect(await next(2)).toEqual(["four", "five"]);
  });

  it("finds the files of several rotations that it did not see, in their order", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    for (let generation = 2; generation <= 12; generation++) {
      for (let i = 20; i > 0; i--)
        if (fs.existsSync(`${file}.${i}`))
          fs.renameSync(`${file}.${i}`, `${file}.${i + 1}`);
      fs.renameSync(file, `${file}.1`);
      fs.writeFileSync(file, `generation ${generation}\n`);
    }
    expect(await next(11)).toEqual(
      Array.from({ length: 11 }, (_, i) => `generation ${i + 2}`),
    );
  });

  it("leaves alone what only resembles a rotated file", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    fs.renameSync(file, `${file}.1`);
    for (const other of [`${file}.2.gz`, `${file}.lock`, `${file}2`])
      fs.writeFileSync(other, "not a log\n");
    fs.writeFileSync(file, "two\n");
    expect(await next(1)).toEqual(["two"]);
  });

  it("knows other names of rotated files where it is given them", async () => {
    const file = nextLog("one\n");
    const rotated = (name: string): boolean => name.endsWith(".kept");
    const { next } = follow(file, { rotated });
    expect(await next(1)).toEqual(["one"]);
    fs.renameSync(file, `${file}.a.kept`);
    fs.writeFileSync(`${file}.b.kept`, "two\n");
    fs.writeFileSync(file, "three\n");
    expect(await next(2)).toEqual(["two", "three"]);
  });

  it("reads what a copy kept of a file that was cut, then the file from its start", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    fs.appendFileSync(file, "two\nthr");
    copyAndCut(file);
    fs.appendFileSync(file, "four\n");
    expect(await next(3)).toEqual(["two", "thr", "four"]);
  });

  it("reads the copies of several cuts that it did not see", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    fs.appendFileSync(file, "two\n");
    copyAndCut(file);
    fs.appendFileSync(file, "three\n");
    fs.renameSync(`${file}.1`, `${file}.2`);
    copyAndCut(file);
    fs.appendFileSync(file, "a longer fourth line\n");
    expect(await next(3)).toEqual(["two", "three", "a longer fourth line"]);
  });

  it("begins again where a file was cut without a copy, also if it is longer again than it was", async () => {
    const file = nextLog("one\ntw");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    fs.writeFileSync(file, "another line that is longer\n");
    expect(await next(2)).toEqual(["tw", "another line that is longer"]);
  });

  it("goes on when the file was removed and has returned, also under the same number", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    fs.unlinkSync(file);
    fs.writeFileSync(file, "two\n");
    expect(await next(1)).toEqual(["two"]);
  });

  it("goes on when the folder was removed and has returned", async () => {
    const file = nextLog("one\n");
    const { next } = follow(file);
    expect(await next(1)).toEqual(["one"]);
    const home = file.slice(0, file.lastIndexOf("/"));
    fs.rmSync(home, { recursive: true });
    fs.mkdirSync(home);
    fs.writeFileSync(file, "two\n");
    expect(await next(1)).toEqual(["two"]);
  });

  it("ends where a loop waits when it is closed, and with an AbortError when its signal aborts", async () => {
    const file = nextLog("one\n");
    const closed = follow(file);
    expect(await closed.next(1)).toEqual(["one"]);
    const waiting = closed.next(1);
    await setImmediate();
    await closed.tail.close();
    expect(await waiting).toEqual([undefined]);

    const controller = new AbortController();
    const aborted = follow(file, { signal: controller.signal });
    expect(await aborted.next(1)).toEqual(["one"]);
    const failing = aborted.next(1);
    controller.abort(new Error("enough"));
    await expect(failing).rejects.toMatchObject({
      name: "AbortError",
      cause: { message: "enough" },
    });
    expect(descriptorsBelow(file)).toEqual([]);
  });

  it("ends a read that hangs when its signal aborts", async () => {
    const faults = plan({ rules: [{ op: "read", then: { hang: true } }] });
    const own = createEio({ faults });
    onTestFinished(() => own.close());
    const controller = new AbortController();
    const { signal } = controller;
    const { next } = follow(nextLog("one\n"), { signal }, own as never);
    const failing = next(1);
    await until(() => faults.held.length === 1);
    controller.abort();
    await expect(failing).rejects.toMatchObject({ name: "AbortError" });
    faults.release();
  });

  it("ends with ERR_EIO_CLOSED where it waits when its instance is closed", async () => {
    const own = createEio();
    const file = nextLog("one\n");
    const { next } = follow(file, { pollMs: 600_000 }, own as never);
    expect(await next(1)).toEqual(["one"]);
    const failing = expect(next(1)).rejects.toMatchObject({
      code: "ERR_EIO_CLOSED",
    });
    await until(() => own.nreqs === 0);
    await own.close();
    await failing;
    expect(descriptorsBelow(file)).toEqual([]);
  });

  it("holds no descriptor once its loop was left", async () => {
    const file = nextLog("one\n");
    for await (const line of eio.tail(file, { follow: true })) {
      expect(line).toBe("one");
      break;
    }
    expect(descriptorsBelow(file)).toEqual([]);
  });

  it("takes the lane that it is given for all of its requests", async () => {
    const own = createEio();
    onTestFinished(() => own.close());
    const items = own.tail(nextLog("one\n"), { lane: "nowhere" });
    const reading = items[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({
      code: "ERR_EIO_UNKNOWN_LANE",
    });
  });
});

describe("the position of a tail", () => {
  const remembered = (position: unknown): TailPosition =>
    JSON.parse(JSON.stringify(position)) as TailPosition;

  async function readOne(file: string): Promise<TailPosition> {
    const tail = eio.tail(file);
    for await (const line of tail) {
      expect(line).toBe("one");
      break;
    }
    return remembered(tail.position);
  }

  it("is behind what was given last, though more has been read", async () => {
    const file = nextLog("one\ntwo\nthree\n");
    const from = await readOne(file);
    expect(await all(file, { from })).toEqual(["two", "three"]);
  });

  it("is found in a file that was renamed meanwhile, and the files after it follow", async () => {
    const file = nextLog("one\ntwo\n");
    const from = await readOne(file);
    fs.renameSync(file, `${file}.2`);
    fs.writeFileSync(`${file}.1`, "three\n");
    fs.writeFileSync(file, "four\n");
    expect(await all(file, { from })).toEqual(["two", "three", "four"]);
  });

  it("is found in the copy of a file that was cut meanwhile", async () => {
    const file = nextLog("one\ntwo\n");
    const from = await readOne(file);
    copyAndCut(file);
    fs.appendFileSync(file, "three\n");
    expect(await all(file, { from })).toEqual(["two", "three"]);
  });

  it("in a file that was cut without a copy leads to its start, not to older files", async () => {
    const file = nextLog("one\ntwo\n");
    fs.writeFileSync(`${file}.1`, "zero\n");
    const from = await readOne(file);
    fs.writeFileSync(file, "1\n");
    expect(await all(file, { from })).toEqual(["1"]);
  });

  it("that cannot be found any more leads to what is newer", async () => {
    const file = nextLog("one\ntwo\n");
    const from = await readOne(file);
    fs.writeFileSync(`${file}.new`, "three\n");
    fs.renameSync(`${file}.new`, file);
    expect(await all(file, { from })).toEqual(["three"]);
  });
});
