// The durable log: what append() acknowledges is there, in order; concurrent appends share their syncs; a torn tail is cut and
// damage is reported; one writer, any number of readers, over several segments.
import { spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { getEventListeners, once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import type { FaultRule } from "../../../src/api/faults/rules.ts";
import { simulatedDisk } from "../../../src/api/faults/simulated-disk.ts";
import type { RequestEvent } from "../../../src/api/observe/describe.ts";
import type { AppendLog } from "../../../src/api/log/append-log.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { crc32c } from "../../../src/util/crc32c.ts";
import { until } from "../../helpers/engine.ts";
import { writeThrough } from "../../../src/api/log/segments.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";

const folder = testFolder();
let logs = 0;
const nextPath = (): string => folder.join(`log${logs++}`);

function instance(options: Parameters<typeof createEio>[0] = {}): Eio {
  const eio = createEio(options);
  onTestFinished(() => eio.close());
  return eio;
}

async function textsOf(
  records: AsyncIterable<{ data: Buffer }>,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { data } of records) texts.push(data.toString());
  return texts;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "ok",
    (error: NodeJS.ErrnoException) => error.code ?? error.name,
  );

/** Of a file that this process has open. */
function flagsOf(file: string): number {
  for (const fd of fs.readdirSync("/proc/self/fd"))
    if (linkOf(`/proc/self/fd/${fd}`) === file) {
      const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
      return parseInt(/^flags:\s*(\d+)$/m.exec(info)![1]!, 8);
    }
  return 0;
}

function linkOf(link: string): string | null {
  try {
    return fs.readlinkSync(link);
  } catch {
    return null;
  }
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `record ${from + i}`);

const appendAll = (log: AppendLog, texts: string[]) =>
  Promise.all(texts.map((text) => log.append(text)));

it("has its priority and its lane in each of its requests, and so have its readers", async () => {
  const eio = instance({ lanes: { logs: { maxParallel: 1 } } });
  const terms = { priority: -2, lane: "logs" } as const;
  const seen = new Set<string>();
  const note = (event: unknown): void => {
    const { op, priority, lane } = event as RequestEvent;
    if (priority !== terms.priority || lane !== terms.lane)
      seen.add(`${op} at ${priority} in ${lane}`);
    else ours.add(op);
  };
  const ours = new Set<string>();
  subscribe("node-eio:request:submitted", note);
  onTestFinished(() => void unsubscribe("node-eio:request:submitted", note));
  const at = nextPath();
  const log = await eio.appendLog(at, { maxBytes: 4096, ...terms });
  const texts = numbers(0, 300);
  await appendAll(log, texts);
  expect(await textsOf(log.read())).toEqual(texts);
  await log.close();
  await textsOf(eio.readLog(at, terms));
  expect([...seen]).toEqual([]);
  expect(ours).toContain("write");
  await expect(eio.appendLog(nextPath(), { lane: "nowhere" })).rejects.toThrow(
    "nowhere",
  );
});

describe("crc32c", () => {
  const { addon } = loadNative();
  const ways = [
    ["JavaScript", crc32c],
    ...(addon === null ? [] : [["native code", addon.crc32c] as const]),
  ] as const;

  it.each(ways)("in %s gives the values of RFC 3720", (_name, crc) => {
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(crc(new Uint8Array(32), 0)).toBe(0x8a9136aa);
    expect(crc(new Uint8Array(32).fill(0xff), 0)).toBe(0x62a8ab43);
    expect(crc(ascending, 0)).toBe(0x46dd794e);
    expect(crc(Uint8Array.from(ascending).reverse(), 0)).toBe(0x113fdb5c);
    expect(crc(Buffer.from("123456789"), 0)).toBe(0xe3069283);
    expect(crc(new Uint8Array(0), 0)).toBe(0);
  });

  it.each(ways)("in %s goes on from what came before", (_name, crc) => {
    const bytes = Buffer.from("a text of some length, in two parts");
    for (let at = 0; at <= bytes.length; at++)
      expect(crc(bytes.subarray(at), crc(bytes.subarray(0, at), 0))).toBe(
        crc32c(bytes, 0),
      );
  });
});

describe("appendLog", () => {
  it("gives back what was appended, also to whoever opens it next", async () => {
    const eio = instance();
    const at = nextPath();
    const log = await eio.appendLog(at);
    const appended = await appendAll(log, numbers(0, 10));
    expect(await textsOf(log.read())).toEqual(numbers(0, 10));
    const { offset } = appended[7]!;
    expect(await textsOf(log.read({ from: offset }))).toEqual(numbers(7, 10));
    await log.append("");
    await log.append(Buffer.alloc(600_000, "x"));
    await log.close();
    const again = await eio.appendLog(at);
    await again.append("last");
    const texts = await textsOf(again.read());
    expect(texts.map(({ length }) => length)).toEqual([
      ...numbers(0, 10).map(({ length }) => length),
      ...[0, 600_000, 4],
    ]);
    await again.close();
  });

  it("appends of one turn share one write, which is on the disk when it returns", async () => {
    const faults = plan();
    const eio = instance({ faults });
    const at = nextPath();
    const log = await eio.appendLog(at);
    await log.append("the first takes the space");
    const before = faults.trace.length;
    await appendAll(log, numbers(0, 256));
    const used = faults.trace.slice(before).map(({ op }) => op);
    expect(used).toEqual(
      writeThrough === null ? ["write", "fdatasync"] : ["write"],
    );
    if (writeThrough !== null) {
      const [segment] = descriptorsBelow(at).filter((name) =>
        name.endsWith(".seg"),
      );
      expect(segment).toBeDefined();
      expect(flagsOf(segment!) & writeThrough).toBe(writeThrough);
    }
    await log.close();
  });

  it("goes on in another segment, and keeps as much as it is to keep", async () => {
    const eio = instance();
    const at = nextPath();
    const options = { maxBytes: 4096, retainBytes: 10_000 };
    const log = await eio.appendLog(at, options);
    for (let i = 0; i < 100; i++) await log.append(`${i}`.padEnd(500, "."));
    const texts = await textsOf(log.read());
    expect(Number.parseInt(texts.at(-1)!)).toBe(99);
    expect(texts.length).toBeGreaterThanOrEqual(10_000 / 512 - 1);
    expect(texts.length).toBeLessThan(60);
    const segments = fs.readdirSync(at).filter((name) => name !== "lock");
    expect(segments.length).toBeLessThan(6);
    await log.trim(log.end);
    expect(fs.readdirSync(at)).toHaveLength(2);
    await log.close();
  });

  it("is trimmed by two at once, and while it goes on in another segment", async () => {
    const at = nextPath();
    const log = await instance().appendLog(at, {
      ...{ maxBytes: 4096, retainBytes: 4096 },
    });
    for (let i = 0; i < 60; i++)
      await Promise.all([
        log.append("".padEnd(500, ".")),
        log.trim(log.end),
        log.trim(log.end),
      ]);
    expect(fs.readdirSync(at)).toHaveLength(2);
    await log.close();
  });

  it("has no segment longer than maxBytes, also for what is appended at once, but for a record that is longer", async () => {
    const eio = instance();
    const at = nextPath();
    const log = await eio.appendLog(at, { maxBytes: 4096 });
    const texts = numbers(0, 100).map((text) => text.padEnd(200, "."));
    texts[50] = "long".padEnd(5000, ".");
    await appendAll(log, texts);
    expect(await textsOf(log.read())).toEqual(texts);
    await log.close();
    const head = 24;
    const used = fs
      .readdirSync(at)
      .filter((name) => name !== "lock")
      .map((name) => fs.statSync(path.join(at, name)).size - head);
    expect(used.filter((bytes) => bytes > 4096)).toEqual([5012]);
    // Each is filled: 19 records of 212 bytes.
    expect(used).toHaveLength(7);
  });

  it("a reader that follows leaves nothing on its signal when it goes on", async () => {
    const log = await instance().appendLog(nextPath());
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    const records = log.read({ follow: true, signal });
    for (const text of ["one", "two", "three"]) {
      const next = records.next();
      await until(() => listeners() === 1);
      await log.append(text);
      const { value } = await next;
      expect(value?.data.toString()).toBe(text);
      expect(listeners()).toBe(0);
    }
    await records.return();
    await log.close();
  });

  it("readers follow what is appended, until the log is closed", async () => {
    const eio = instance();
    const log = await eio.appendLog(nextPath(), { maxBytes: 4096 });
    const readers = [0, 1].map(() => textsOf(log.read({ follow: true })));
    const texts = numbers(0, 50).map((text) => text.padEnd(300, "."));
    for (const text of texts) await log.append(text);
    await log.close();
    expect(await Promise.all(readers)).toEqual([texts, texts]);
  });

  it("readers end when their signal aborts", async () => {
    const eio = instance();
    const log = await eio.appendLog(nextPath());
    const stop = new AbortController();
    const { signal } = stop;
    const reading = codeOf(textsOf(log.read({ follow: true, signal })));
    await log.append("one");
    stop.abort();
    expect(await reading).toBe("ABORT_ERR");
    await log.close();
  });

  it.each(["its own", "another's"])(
    "the signal of a reader ends a read that hangs, of %s log",
    async (whose) => {
      const faults = plan({ rules: [{ op: "read", then: { hang: true } }] });
      const eio = instance({ faults });
      const at = nextPath();
      const log = await eio.appendLog(at);
      await log.append("one");
      const stop = new AbortController();
      const { signal } = stop;
      const reading = codeOf(
        textsOf(
          whose === "its own"
            ? log.read({ signal })
            : eio.readLog(at, { signal }),
        ),
      );
      await until(() => faults.held.length === 1);
      stop.abort();
      expect(await reading).toBe("ABORT_ERR");
      faults.release();
      await log.close();
    },
  );

  it("readers that wait end with ERR_EIO_CLOSED when the instance is closed", async () => {
    const eio = createEio();
    const at = nextPath();
    const log = await eio.appendLog(at);
    await log.append("one");
    const readers = [
      log.read({ follow: true }),
      eio.readLog(at, { follow: true }),
    ];
    for (const reader of readers)
      expect((await reader.next()).value?.data.toString()).toBe("one");
    const ends = readers.map((reader) => codeOf(reader.next()));
    await until(() => eio.nreqs === 0);
    await eio.close();
    expect(await Promise.all(ends)).toEqual([
      "ERR_EIO_CLOSED",
      "ERR_EIO_CLOSED",
    ]);
    expect(await codeOf(log.append("two"))).toBe("ERR_EIO_CLOSED");
  });

  it("has one writer", async () => {
    const eio = instance();
    if (loadNative().addon === null) return expect(eio.backend).toBeDefined();
    const at = nextPath();
    const log = await eio.appendLog(at);
    expect(await codeOf(eio.appendLog(at))).toBe("ERR_EIO_LOG_LOCKED");
    expect(await textsOf(eio.readLog(at))).toEqual([]);
    await log.close();
    await (await eio.appendLog(at)).close();
  });

  it("after close() and after a failed sync nothing can be appended", async () => {
    const syncs = writeThrough === null ? "fdatasync" : "write";
    // The header of the segment is written first, and synced with it.
    const after = writeThrough === null ? 1 : 2;
    const rules: FaultRule[] = [
      { op: syncs, after, times: 1, then: { error: "EIO" } },
    ];
    const eio = instance({ faults: plan({ rules }) });
    const at = nextPath();
    const log = await eio.appendLog(at);
    await log.append("kept");
    expect(await codeOf(log.append("unknown"))).toBe("EIO");
    expect(await codeOf(log.append("late"))).toBe("ERR_EIO_LOG_CLOSED");
    await log.close();
    const again = await eio.appendLog(at);
    expect((await textsOf(again.read()))[0]).toBe("kept");
    await again.close();
    expect(await codeOf(again.append("late"))).toBe("ERR_EIO_LOG_CLOSED");
  });

  it("goes on after short writes and after one that failed", async () => {
    const rules: FaultRule[] = [
      { op: "write", after: 30, times: 1, then: { error: "ENOSPC" } },
      { op: "write", path: "*.seg", then: { short: "random" } },
    ];
    const eio = instance({ faults: plan({ seed: 3, rules }) });
    const log = await eio.appendLog(nextPath());
    const codes: string[] = [];
    for (const text of numbers(0, 20))
      codes.push(await codeOf(log.append(text)));
    const kept = numbers(0, 20).filter((_text, i) => codes[i] === "ok");
    expect(codes.filter((code) => code !== "ok")).toEqual(["ENOSPC"]);
    expect(await textsOf(log.read())).toEqual(kept);
    await log.close();
  });

  it.each(["EOPNOTSUPP", "ENOSYS", "EINVAL", "ENOSPC"])(
    "goes on where space cannot be taken ahead (%s)",
    async (error) => {
      const rules: FaultRule[] = [{ op: "fallocate", then: { error } }];
      const faults = plan({ seed: 3, rules });
      const eio = instance({ faults });
      const log = await eio.appendLog(nextPath());
      await log.append("kept");
      expect(faults.trace.map(({ op }) => op)).toContain("fallocate");
      expect(await textsOf(log.read())).toEqual(["kept"]);
      await log.close();
    },
  );

  it("refuses wrong options and records", async () => {
    const eio = instance();
    const refused = (options: object): Promise<string> =>
      codeOf(eio.appendLog(nextPath(), options));
    expect(await refused({ sync: "always" })).toBe("ERR_EIO_INVALID_OPTION");
    expect(await refused({ maxBites: 1 })).toBe("ERR_EIO_INVALID_OPTION");
    const log = await eio.appendLog(nextPath());
    for (const record of [null, undefined, 4, [], {}])
      await expect(log.append(record as never)).rejects.toMatchObject({
        code: "ERR_INVALID_ARG_TYPE",
        message: expect.stringContaining('"record" argument') as string,
      });
    const large = log.append(Buffer.alloc((1 << 26) + 1));
    expect(await codeOf(large)).toBe("ERR_EIO_TOO_LARGE");
    await log.close();
  });

  it("with sync: 'none' and 'interval' what was appended is read, and synced at the end", async () => {
    for (const sync of ["none", "interval"] as const) {
      const faults = plan();
      const eio = instance({ faults });
      const log = await eio.appendLog(nextPath(), { sync, intervalMs: 1 });
      await appendAll(log, numbers(0, 5));
      expect(await textsOf(log.read())).toEqual(numbers(0, 5));
      await log.sync();
      await log.close();
      expect(faults.trace.map(({ op }) => op)).toContain("fdatasync");
    }
  });

  it("with sync: 'interval' it is synced again and again, without a call of sync()", async () => {
    const faults = plan();
    const eio = instance({ faults });
    const sync = { sync: "interval", intervalMs: 1 } as const;
    const log = await eio.appendLog(nextPath(), sync);
    const syncs = (): number =>
      faults.trace.filter(({ op }) => op === "fdatasync").length;
    for (const text of ["first", "second"]) {
      const before = syncs();
      await log.append(text);
      await until(() => syncs() > before);
    }
    await log.close();
  });

  it("sync() has on the disk what was appended just before it", async () => {
    const faults = plan();
    const log = await instance({ faults }).appendLog(nextPath(), {
      sync: "none",
    });
    await log.append("first");
    await log.sync();
    const before = faults.trace.length;
    const appended = log.append("second");
    await log.sync();
    const used = faults.trace.slice(before).map(({ op }) => op);
    expect(used).toEqual(["write", "fdatasync"]);
    await appended;
    await log.close();
  });

  it("sync() ends although others go on to append, as with sync: 'interval' they may for ever", async () => {
    const MANY = 2000;
    const log = await instance().appendLog(nextPath(), { sync: "none" });
    let isSynced = false;
    const appendOn = async (): Promise<number> => {
      let count = 0;
      for (; count < MANY && !isSynced; count++) await log.append("more");
      return count;
    };
    const counts = Promise.all([appendOn(), appendOn()]);
    await log.sync();
    isSynced = true;
    expect(Math.max(...(await counts))).toBeLessThan(MANY);
    await log.close();
  });
});

it("a segment whose removal was lost with the power does not end the log", async () => {
  const eio = instance();
  const at = nextPath();
  const log = await eio.appendLog(at, { maxBytes: 4096 });
  const texts = numbers(0, 30).map((text) => text.padEnd(500, "."));
  for (const text of texts) await log.append(text);
  const segments = fs.readdirSync(at).filter((name) => name !== "lock");
  fs.rmSync(path.join(at, segments[1]!));
  const found = await textsOf(log.read());
  expect(found[0]).toBe(texts[0]);
  expect(found.at(-1)).toBe(texts.at(-1));
  expect(found.length).toBeLessThan(texts.length);
  await log.close();
});

describe("what recovery finds", () => {
  async function written(): Promise<{ eio: Eio; segment: string; at: string }> {
    const eio = instance();
    const at = nextPath();
    const log = await eio.appendLog(at);
    for (const text of numbers(0, 5)) await log.append(text);
    await log.close();
    const [segment = ""] = fs.readdirSync(at).filter((name) => name !== "lock");
    return { eio, at, segment: path.join(at, segment) };
  }

  it("is cut at each byte of the last record, and no record before it is lost", async () => {
    const { eio, at, segment } = await written();
    const whole = fs.readFileSync(segment);
    const last = whole.length - "record 4".length - 12;
    for (let cut = last; cut < whole.length; cut++) {
      fs.writeFileSync(segment, whole.subarray(0, cut));
      const log = await eio.appendLog(at);
      expect(await textsOf(log.read())).toEqual(numbers(0, 4));
      await log.close();
    }
  });

  it("is damage where a later record says that it had been synced", async () => {
    const { eio, at, segment } = await written();
    const whole = fs.readFileSync(segment);
    const damaged = Buffer.from(whole);
    damaged[24 + 2 * 20 + 15]! ^= 1;
    fs.writeFileSync(segment, damaged);
    await expect(eio.appendLog(at)).rejects.toMatchObject({
      ...{ code: "ERR_EIO_LOG_CORRUPT", offset: 40 },
    });
    expect(fs.readFileSync(segment).equals(damaged)).toBe(true);
    const log = await eio.appendLog(at, { onCorrupt: "truncate" });
    expect(await textsOf(log.read())).toEqual(numbers(0, 2));
    await log.close();
  });

  it("is damage where the head of a segment with records is wrong, and nothing is removed", async () => {
    const { eio, at, segment } = await written();
    const damaged = fs.readFileSync(segment);
    damaged[9]! ^= 1;
    fs.writeFileSync(segment, damaged);
    await expect(eio.appendLog(at)).rejects.toMatchObject({
      ...{ code: "ERR_EIO_LOG_CORRUPT", offset: 0 },
    });
    expect(fs.readFileSync(segment).equals(damaged)).toBe(true);
    const log = await eio.appendLog(at, { onCorrupt: "truncate" });
    expect(await textsOf(log.read())).toEqual([]);
    await log.close();
  });

  it("is not what an earlier segment has: its readers find the damage, and what follows can be read", async () => {
    const eio = instance();
    const at = nextPath();
    const log = await eio.appendLog(at, { maxBytes: 4096 });
    const texts = numbers(0, 20).map((text) => text.padEnd(500, "."));
    await appendAll(log, texts);
    await log.close();
    const [first, second] = fs
      .readdirSync(at)
      .filter((name) => name !== "lock")
      .sort();
    const damaged = fs.readFileSync(path.join(at, first!));
    damaged[24 + 3 * 512 + 50]! ^= 1;
    fs.writeFileSync(path.join(at, first!), damaged);
    const again = await eio.appendLog(at);
    const read: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const { data } of again.read()) read.push(data.toString());
    };
    await expect(reading()).rejects.toMatchObject({
      ...{ code: "ERR_EIO_LOG_CORRUPT", offset: 3 * 512 },
    });
    expect(read).toEqual(texts.slice(0, 3));
    const from = Number.parseInt(second!);
    expect(await textsOf(again.read({ from }))).toEqual(texts.slice(8));
    await again.close();
  });

  it("is everything that was acknowledged, whatever byte the disk was full at", async () => {
    // Each record has 20 bytes: steps of 7 come to each byte of one.
    for (let capacityBytes = 24; capacityBytes < 400; capacityBytes += 7) {
      const disk = simulatedDisk({ capacityBytes });
      const eio = createEio({ backend: disk });
      const log = await eio.appendLog("/tmp/log").catch(() => null);
      const kept: string[] = [];
      for (const text of numbers(0, 20))
        if (log !== null && (await codeOf(log.append(text))) === "ok")
          kept.push(text);
      await eio.close();
      const left = createEio({ backend: disk.crash({ seed: capacityBytes }) });
      const found = await textsOf(left.readLog("/tmp/log")).catch(() => []);
      expect(found.slice(0, kept.length)).toEqual(kept);
      await left.close();
    }
  });
});

it("what a process acknowledged before it was killed is there, and another one may write", async () => {
  const at = nextPath();
  const door = pathToFileURL(
    path.resolve(import.meta.dirname, "../../../dist/index.js"),
  ).href;
  const program = folder.file(
    "writer.mjs",
    `import { writeSync } from "node:fs";
     import { eio } from ${JSON.stringify(door)};
     const log = await eio.appendLog(${JSON.stringify(at)}, { maxBytes: 4096 });
     for (let i = Number(process.argv[2]); ; i++)
       await Promise.all([i, i].map(() => log.append(String(i)).then(() => writeSync(1, i + "\\n"))));`,
  );
  const eio = instance();
  let acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [program, `${round * 1_000_000}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += String(chunk);
      if (text.length > 200) child.kill("SIGKILL");
    });
    await once(child, "close");
    acknowledged = [...acknowledged, ...text.split("\n").slice(0, -1)];
    const found = await textsOf(eio.readLog(at));
    const left = [...found];
    for (const one of acknowledged) {
      const index = left.indexOf(one);
      expect(index).toBeGreaterThan(-1);
      left.splice(index, 1);
    }
    // At most those that were on their way when it was killed.
    expect(left.length).toBeLessThanOrEqual(2 * (round + 1));
  }
});
