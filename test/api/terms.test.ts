// The terms of a call reach every request that it makes: its signal, its one deadline, its priority, its
// lane, its working directory, and what becomes of the page cache.
import fs from "node:fs";
import { Writable } from "node:stream";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Eio } from "../../src/api/create.ts";
import { Instance } from "../../src/api/instance/instance.ts";
import {
  NO_TERMS,
  applyTerms,
  termsOf,
  type Terms,
} from "../../src/api/terms.ts";
import { start } from "../../src/api/working-directories/start.ts";
import { loadNative } from "../../src/backends/native.ts";
import type { WorkingDirectory } from "../../src/api/working-directories/working-directory.ts";
import { nameByCode, opByCode, ops } from "../../src/ops/table.ts";
import { PRIORITY_MIN, Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const instance = new Instance({ maxParallel: 2, lanes: { bulk: {} } });
const { engine } = instance;
const eio = new Eio(() => instance);
const folder = testFolder();
const LARGE_BYTES = 3 << 20;
const large = Buffer.alloc(LARGE_BYTES, 1);
const submit = vi.spyOn(engine, "submit");
let wd: WorkingDirectory;

beforeEach(async () => {
  fs.rmSync(folder.join("in"), { recursive: true, force: true });
  fs.mkdirSync(folder.join("in/tree/below"), { recursive: true });
  fs.writeFileSync(folder.join("in/large"), large);
  fs.writeFileSync(folder.join("in/tree/file"), "content");
  wd = await eio.wd(folder.join("in"));
  submit.mockClear();
  return () => wd.close();
});
afterAll(() => eio.close());

const PRIORITY = 3;
const TIMEOUT_MS = 600_000;

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of stream) void chunk;
}

const called = (run: (done: (error: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    run((error) => (error ? reject(error as Error) : resolve()));
  });

async function* pieces(): AsyncGenerator<Buffer> {
  for (let i = 0; i < 3; i++) yield await Promise.resolve(large);
}

interface Given {
  signal: AbortSignal;
  timeout: number;
  priority: number;
  lane: string;
  wd: WorkingDirectory;
  cache: "drop";
}

/** Calls of several requests, and how many there are at the least. */
const calls: Record<string, [least: number, (given: Given) => unknown]> = {
  "writeFile of much": [
    4,
    (given) => eio.promises.writeFile("new", large, { ...given, flush: true }),
  ],
  "writeFile in pieces": [
    4,
    (given) => eio.promises.writeFile("new", pieces(), given),
  ],
  "appendFile of much": [
    4,
    (given) => eio.promises.appendFile("large", large, given),
  ],
  "writeFile of much with a callback": [
    4,
    (given) => called((done) => eio.fs.writeFile("new", large, given, done)),
  ],
  "writeFile of much by the wd's own": [
    4,
    ({ wd, ...given }) => wd.promises.writeFile("new", large, given),
  ],
  "writeFile of much with a callback by the wd's own": [
    4,
    ({ wd, ...given }) =>
      called((done) => wd.fs.writeFile("new", large, given, done)),
  ],
  "writeFileAtomic of much": [
    4,
    (given) => eio.writeFileAtomic("large", large, given),
  ],
  "cp with a filter": [
    6,
    (given) =>
      eio.promises.cp("tree", "copied", {
        ...given,
        recursive: true,
        filter: () => true,
      }),
  ],
  glob: [3, (given) => drained(eio.promises.glob("**/*", given as never))],
  readFiles: [2, (given) => eio.readFiles(["large", "tree/file"], given)],
  statMany: [1, (given) => eio.statMany(["large", "tree/file"], given)],
  createReadStream: [
    4,
    (given) => drained(eio.fs.createReadStream("large", given)),
  ],
  createWriteStream: [
    3,
    (given) =>
      called((done) => {
        const stream = eio.fs.createWriteStream("new", given);
        stream.on("error", done).on("finish", () => done(null));
        stream.write(large);
        stream.end(large);
      }),
  ],
  getdents: [2, (given) => eio.sys.getdents("tree", given)],
  sendFile: [
    3,
    (given) =>
      eio.sendFile(
        new Writable({ write: (_chunk, _encoding, done) => done() }) as never,
        "tree/file",
        given,
      ),
  ],
};

/** Node's own part ends a stream at its signal; a batch and sendFile end as a whole. */
const withoutSignal = /createReadStream|createWriteStream|readFiles|statMany/;
const withoutDeadline = /readFiles|statMany|sendFile/;

describe("every request of", () => {
  it.each(Object.entries(calls))(
    "%s has its terms",
    async (name, [least, run]) => {
      const { signal } = new AbortController();
      const base = {
        signal,
        timeout: TIMEOUT_MS,
        priority: PRIORITY,
        lane: "bulk",
        cache: "drop" as const,
      };
      await run({ ...base, wd });
      // Closing, and removing what was left, cannot be ended; streams look at the file's kind once.
      const free = /^(close|rmtree|syncPath)$/;
      const requests = submit.mock.calls
        .map(([request]) => request)
        .filter(({ op }) => !free.test(nameByCode[op]!));
      expect(requests.length).toBeGreaterThanOrEqual(least);
      const deadlines = new Set<number>();
      for (const request of requests) {
        const { op, level, laneName, ends, path, wd: from } = request;
        const about = nameByCode[op]!;
        expect([about, request.dropsCache]).toEqual([about, true]);
        expect([about, level]).toEqual([about, PRIORITY - PRIORITY_MIN]);
        expect([about, laneName]).toEqual([about, "bulk"]);
        if (
          path !== null &&
          !Buffer.from(path as "")
            .toString()
            .startsWith("/")
        )
          expect([about, from]).toEqual([about, wd[start]]);
        const isLook = about === "fstat" && ends === null;
        if (isLook && name === "createReadStream") continue;
        if (!withoutSignal.test(name))
          expect([about, ends?.signal]).toEqual([about, signal]);
        if (!withoutDeadline.test(name))
          deadlines.add((ends as Terms).deadlineMs);
      }
      expect(deadlines.size).toBe(withoutDeadline.test(name) ? 0 : 1);
    },
  );

  it("a composite of the eio door has its deadline", async () => {
    const { signal } = new AbortController();
    const path = folder.join("in/tree");
    await new Promise<void>((resolve) => {
      const given = { signal, timeout: TIMEOUT_MS, lane: "bulk" };
      const options = { ...given, cache: "drop" } as const;
      eio.eio.rmtree(path, 0, () => resolve(), null, options);
    });
    const requests = submit.mock.calls.map(([request]) => request);
    expect(requests.every(({ dropsCache }) => dropsCache)).toBe(true);
    expect(requests.every(({ laneName }) => laneName === "bulk")).toBe(true);
    const ends = requests.map((request) => request.ends as Terms);
    expect(ends.length).toBeGreaterThan(4);
    expect(new Set(ends.map(({ deadlineMs }) => deadlineMs)).size).toBe(1);
    expect(ends.every((one) => one.signal === signal)).toBe(true);
  });
});

describe("what lasts hands its terms on to all of its requests", () => {
  const terms = { priority: PRIORITY, lane: "bulk", cache: "drop" } as const;
  const atLog = (): string => folder.join("in/orders.log");
  /** Each returns how many requests it takes at the least. */
  const lasting: Record<string, () => Promise<number>> = {
    "an appended log, its lock included": async () => {
      const log = await eio.appendLog(atLog(), { maxBytes: 4096, ...terms });
      for (let i = 0; i < 3; i++) await log.append(large.subarray(0, 3000));
      await drained(log.read());
      await log.close();
      return 20;
    },
    "a log that is read": async () => {
      const log = await eio.appendLog(atLog());
      await log.append("record");
      await log.close();
      submit.mockClear();
      await drained(eio.readLog(atLog(), terms));
      return 6;
    },
    "a tail": async () => {
      await drained(eio.tail(folder.join("in/tree/file"), terms));
      return 6;
    },
    "a watched tree": async () => {
      const watcher = eio.watchTree(folder.join("in"), terms);
      await watcher.ready;
      await watcher.close();
      return 3;
    },
    "a lock, its release included": async () => {
      const lock = await eio.lock(folder.join("in/lock"), terms);
      await lock.release();
      return 5;
    },
    "a lease lock, its release included": async () => {
      const options = { wd, durable: false, ...terms };
      const lock = await eio.leaseLock("lease", options);
      await lock.release();
      return 6;
    },
  };

  it.each(Object.entries(lasting))("%s", async (name, run) => {
    const isForAddon = name.startsWith("a lock");
    if (isForAddon && loadNative().addon === null) return;
    const least = await run();
    const requests = submit.mock.calls.map(([request]) => request);
    expect(requests.length).toBeGreaterThanOrEqual(least);
    for (const { op, level, laneName, dropsCache } of requests) {
      // That of a handle: its number says what it is of.
      const own = nameByCode[op] === "close" && !name.includes("lock");
      expect([nameByCode[op], own || level]).toEqual([
        nameByCode[op],
        own || PRIORITY - PRIORITY_MIN,
      ]);
      if (own) continue;
      expect([nameByCode[op], laneName]).toEqual([nameByCode[op], "bulk"]);
      expect([nameByCode[op], dropsCache]).toEqual([nameByCode[op], true]);
    }
  });
});

describe("a deadline", () => {
  /** Uses up what time there is, between two pieces. */
  function* slowly(timeoutMs: number): Generator<Buffer> {
    const endMs = performance.now() + timeoutMs;
    yield large;
    while (performance.now() <= endMs);
    yield large;
  }
  const timeout = 50;
  const late = { code: "ETIMEDOUT" };

  it("covers all pieces that are written", async () => {
    const file = folder.join("slow");
    const { writeFile } = eio.promises;
    const writing = writeFile(file, slowly(timeout), { timeout });
    await expect(writing).rejects.toMatchObject(late);
    expect(descriptorsBelow(folder.path)).not.toContain(file);
    await using handle = await eio.promises.open(file, "w");
    const again = handle.writeFile(
      slowly(timeout) as never,
      { timeout } as never,
    );
    await expect(again).rejects.toMatchObject(late);
  });

  it("covers all steps of a tree, however short each of them is", async () => {
    const options = {
      recursive: true,
      timeout,
      filter: () => {
        const endMs = performance.now() + timeout;
        while (performance.now() <= endMs);
        return true;
      },
    };
    const { cp } = eio.promises;
    const copying = cp(folder.join("in/tree"), folder.join("late"), options);
    await expect(copying).rejects.toMatchObject(late);
    expect(fs.existsSync(folder.join("late"))).toBe(false);
  });

  it("that has passed lets nothing begin, in callbacks and the eio door as well", async () => {
    const { stat } = eio.promises;
    await expect(stat(folder.path, { timeout: 0 })).rejects.toMatchObject({
      code: "ETIMEDOUT",
      syscall: "stat",
      path: folder.path,
    });
    const call = called((done) =>
      eio.fs.stat(folder.path, { timeout: 0 } as never, done),
    );
    await expect(call).rejects.toMatchObject(late);
    const code = await new Promise((resolve) => {
      eio.eio.stat(folder.path, 0, (req) => resolve(req.code), null, {
        timeout: 0,
      });
    });
    expect(code).toBe("ETIMEDOUT");
    expect(submit).not.toHaveBeenCalled();
  });
});

it("a deadline that has passed lets no batch begin", async () => {
  const files = [folder.join("in/large")];
  const ends = { timeout: 0 };
  for (const batch of [eio.statMany(files, ends), eio.readFiles(files, ends)])
    await expect(batch).rejects.toMatchObject({ code: "ETIMEDOUT" });
  expect(submit).not.toHaveBeenCalled();
});

it("a lane that there is not is reported by a search, too, which skips what it may not read", async () => {
  const options = { cwd: folder.join("in"), lane: "none" };
  await expect(drained(eio.promises.glob("*", options))).rejects.toMatchObject({
    code: "ERR_EIO_UNKNOWN_LANE",
  });
});

it("an abort between two hops of the eio door closes what was opened", async () => {
  const abort = new AbortController();
  // Between the open and the read of it: when the read is handed over.
  submit.mockImplementation(function (this: typeof engine, request) {
    const proto = Object.getPrototypeOf(engine) as typeof engine;
    proto.submit.call(engine, request);
    if (nameByCode[request.op] === "read") abort.abort();
  });
  const path = folder.join("in/large");
  const { signal } = abort;
  const code = await new Promise((resolve) => {
    eio.eio.slurp(path, 1, 10, 0, (req) => resolve(req.code), null, { signal });
  });
  submit.mockReset();
  expect(code).toBe("ECANCELED");
  expect(descriptorsBelow(path)).toEqual([]);
});

describe("Terms", () => {
  it("are frozen, and those of a call that names nothing are shared", () => {
    const terms = termsOf(engine, { priority: 1 });
    expect(Object.isFrozen(terms)).toBe(true);
    expect(termsOf(engine, undefined)).toBe(NO_TERMS);
    expect(termsOf(engine, { encoding: "utf8" })).toBe(NO_TERMS);
    expect(termsOf(engine, terms)).toBe(terms);
  });

  it("start a second path nowhere where destWd is null", async () => {
    const { destWd } = termsOf(engine, { wd, destWd: null });
    expect(destWd).toBe(null);
    expect(termsOf(engine, { wd }).destWd).toBe(wd[start]);
  });

  it("are refused by a request whose signal fired", () => {
    const terms = termsOf(engine, { signal: AbortSignal.abort() });
    const request = new Request(ops.nop.code, decodeNone, () => 0);
    expect(() => applyTerms(request, terms)).toThrow("aborted");
    expect(opByCode[request.op]).toBeDefined();
  });
});
