// maxMemory: what an instance takes of memory stays below a ceiling, whatever is asked of it, and nothing waits for ever.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import type { EioOptions } from "../../../src/api/instance/options.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { testFolder } from "../../helpers/folder.ts";
import { runNode } from "../../helpers/run-node.ts";
import { until } from "../../helpers/engine.ts";

const MIB = 1 << 20;
const folder = testFolder();
const made: Eio[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((eio) => eio.close()));
});

function limited(options: EioOptions = {}): Eio {
  const eio = createEio({ maxMemory: "4mb", ...options });
  made.push(eio);
  return eio;
}

const memory = (eio: Eio) => eio.stats().memory!;

/** Files of so many bytes, each filled with another letter. */
function filesOf(name: string, count: number, bytes: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const file = folder.join(`${name}${i}`);
    fs.writeFileSync(file, Buffer.alloc(bytes, 97 + (i % 26)));
    return file;
  });
}

const large = filesOf("large", 24, MIB);
const [huge] = filesOf("huge", 1, 9 * MIB);
const [small] = filesOf("small", 1, 70_000);
const digestOf = (data: string | Buffer): string =>
  createHash("sha1").update(data).digest("hex");
const digests = large.map((file) => digestOf(fs.readFileSync(file)));

describe.each(["auto", "threads", "pool"] as const)("on %s", (backend) => {
  it("reads many large files whole, a few at a time", async () => {
    const eio = limited({ backend });
    const reading = large.map((file) => eio.promises.readFile(file));
    let waited = 0;
    for (const one of reading)
      void one.then(() => (waited = Math.max(waited, memory(eio).waiting)));
    const contents = await Promise.all(reading);
    expect(contents.map((data) => digestOf(data))).toEqual(digests);
    expect(waited).toBeGreaterThan(0);
    expect(memory(eio).peakBytes).toBeGreaterThan(MIB);
    expect(memory(eio).peakBytes).toBeLessThanOrEqual(4 * MIB);
    expect(memory(eio)).toMatchObject({ usedBytes: 0, waiting: 0 });
  });

  it("reads a file that is larger than the ceiling, and others before and after", async () => {
    const eio = limited({ backend });
    const all = [large[0]!, huge!, large[1]!, huge!, large[2]!];
    const contents = await Promise.all(
      all.map((file) => eio.promises.readFile(file)),
    );
    expect(contents.map(({ length }) => length)).toEqual(
      all.map((file) => fs.statSync(file).size),
    );
    // It has 1 MiB of its own at most beside it: nobody at all.
    expect(memory(eio).peakBytes).toBe(9 * MIB + 1);
  });

  it("reads the rest of an open file, from where it is", async () => {
    const eio = limited({ backend });
    const handle = await eio.promises.open(large[3]!);
    await handle.read(Buffer.alloc(10), 0, 10, null);
    const rest = await handle.readFile();
    await handle.close();
    expect(rest.equals(fs.readFileSync(large[3]!).subarray(10))).toBe(true);
  });
});

describe("maxMemory", () => {
  it("bounds batches, texts and copies", async () => {
    const eio = limited();
    const results = await eio.readFiles(large);
    expect(
      results.map((one) => (one as { value: Buffer }).value.length),
    ).toEqual(large.map(() => MIB));
    const texts = await Promise.all(
      large.map((file) => eio.promises.readFile(file, "utf8")),
    );
    expect(texts.map((text) => digestOf(text))).toEqual(digests);
    const target = folder.join("copies");
    fs.mkdirSync(target);
    await Promise.all(
      large.map((file, i) => eio.promises.copyFile(file, `${target}/${i}`)),
    );
    await eio.promises.cp(target, folder.join("copies2"), { recursive: true });
    expect(fs.readdirSync(folder.join("copies2"))).toHaveLength(large.length);
    expect(memory(eio).usedBytes).toBe(0);
    expect(memory(eio).peakBytes).toBeLessThanOrEqual(8 * MIB);
  });

  it("has streams read ahead below it, all at once, and nothing is wrong or missing", async () => {
    const eio = limited({ maxMemory: "1mb" });
    const found = await Promise.all(
      large.map(async (file) => {
        const hash = createHash("sha1");
        for await (const chunk of eio.fs.createReadStream(file))
          hash.update(chunk as Buffer);
        return hash.digest("hex");
      }),
    );
    expect(found).toEqual(digests);
    expect(memory(eio).peakBytes).toBeLessThanOrEqual(MIB);
    expect(memory(eio)).toMatchObject({ usedBytes: 0, readAheadBytes: 0 });
  });

  it("gives what paused streams have read ahead to those who want it", async () => {
    const eio = limited({ maxMemory: "16mb" });
    const streams = large
      .slice(0, 3)
      .map((file) => eio.fs.createReadStream(file));
    for (const stream of streams) {
      let bytes = 0;
      stream.on("data", (chunk) => {
        bytes += chunk.length;
        if (bytes > 4 * 65536) stream.pause();
      });
    }
    await until(() => streams.every((stream) => stream.isPaused()));
    await until(() => memory(eio).readAheadBytes > 0);
    const data = await eio.readFiles([huge!, huge!]);
    expect(data.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
    ]);
    // And they go on where they were.
    await Promise.all(
      streams.map(async (stream, i) => {
        stream.removeAllListeners("data");
        stream.on("data", () => {});
        stream.resume();
        await once(stream, "close");
        expect(stream.bytesRead).toBe(fs.statSync(large[i]!).size);
      }),
    );
  });

  it("lets a consumer that holds a chunk read whole files, and open other streams", async () => {
    const eio = limited({ maxMemory: "1mb" });
    let bytes = 0;
    for await (const chunk of eio.fs.createReadStream(large[0]!)) {
      bytes += (chunk as Buffer).length;
      const inner = eio.fs.createReadStream(large[1]!, {
        start: 0,
        end: 200_000,
      });
      for await (const piece of inner) {
        bytes += (piece as Buffer).length;
        if (bytes % 7 === 0) await eio.promises.readFile(huge!);
      }
      await eio.promises.readFile(large[2]!);
    }
    expect(bytes).toBe(MIB + 16 * 200_001);
  });

  it("lets streams be copied to files, and what is nested in groups go on", async () => {
    const eio = limited({ maxMemory: "1mb" });
    const group = eio.group();
    const copying = large.slice(0, 8).map(async (file, i) => {
      const to = eio.fs.createWriteStream(folder.join(`piped${i}`));
      await pipeline(eio.fs.createReadStream(file), to);
    });
    const inner = await group.map(large.slice(8, 16), async (file) => {
      const outer = await group.promises.readFile(file);
      const again = await eio.promises.readFile(file);
      return outer.equals(again);
    });
    await Promise.all(copying);
    await group.close();
    expect(inner).toEqual(Array.from({ length: 8 }, () => true));
  });

  it("does not make wait what takes no memory", async () => {
    const faults = plan({
      rules: [{ op: "slurp", times: 1, then: { hang: true } }],
    });
    const eio = limited({ faults });
    const hung = eio.promises.readFile(huge!);
    await until(() => faults.held.length === 1);
    const waiting = large
      .slice(0, 8)
      .map((file) => eio.promises.readFile(file));
    await eio.promises.writeFile(folder.join("written"), "x");
    expect((await eio.promises.stat(huge!)).size).toBe(9 * MIB);
    faults.release();
    await Promise.all([hung, ...waiting]);
  });

  it("lets what waits be aborted, or end by its deadline, and others go on", async () => {
    const faults = plan({
      rules: [{ op: "slurp", path: "small*", then: { hang: true } }],
    });
    const eio = limited({ maxMemory: 2 * MIB, faults });
    const first = eio.promises.readFile(small!);
    await until(() => faults.held.length === 1);
    // So many wait with 64 KiB each that there is no room.
    const others = Array.from({ length: 40 }, () =>
      eio.promises.readFile(small!),
    );
    await until(() => memory(eio).waiting > 0);
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = eio.promises.readFile(large[0]!, { signal });
    const late = eio.promises.readFile(large[0]!, { timeout: 5 } as object);
    const before = memory(eio).waiting;
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    await expect(late).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(memory(eio).waiting).toBeLessThanOrEqual(before);
    const last = eio.promises.readFile(large[5]!);
    const releasing = setInterval(() => faults.release(), 1);
    await Promise.all([first, last, ...others]);
    clearInterval(releasing);
    expect(memory(eio)).toMatchObject({ usedBytes: 0, waiting: 0 });
  });

  it("counts what an aborted read took until nothing works on it any more", async () => {
    const fifo = folder.join("fifo");
    execFileSync("mkfifo", [fifo]);
    const eio = limited({ stuckAfterMs: 10 });
    const controller = new AbortController();
    const { signal } = controller;
    const reading = eio.promises.readFile(fifo, { signal });
    await until(() => eio.stuck().length === 1);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    expect(memory(eio).usedBytes).toBeGreaterThan(0);
    fs.writeFileSync(fifo, "x");
    await until(() => memory(eio).usedBytes === 0);
  });

  it("lets those of a higher priority go first", async () => {
    const eio = limited({ maxMemory: "1mb", maxParallel: 1 });
    const order: string[] = [];
    const read = async (file: string, priority: number): Promise<void> => {
      await eio.promises.readFile(file, { priority } as object);
      order.push(`${priority}`);
    };
    const low = large.slice(0, 8).map((file) => read(file, -2));
    const high = large.slice(8, 12).map((file) => read(file, 3));
    await Promise.all([...low, ...high]);
    // Those of the low ones that had begun are before them.
    expect(order.lastIndexOf("3")).toBeLessThan(order.length - 4);
  });

  it("does not let the requests of a lane that hangs hold what others need", async () => {
    const faults = plan({
      rules: [{ op: "slurp", path: "large0", then: { hang: true } }],
    });
    const eio = limited({
      maxMemory: "2mb",
      faults,
      lanes: { nas: { maxParallel: 2 } },
    });
    const hanging = Array.from({ length: 40 }, () =>
      eio.promises.readFile(large[0]!, { lane: "nas" } as object),
    );
    await until(() => faults.held.length === 2);
    const others = await Promise.all(
      large.slice(1, 9).map((file) => eio.promises.readFile(file)),
    );
    expect(others).toHaveLength(8);
    const releasing = setInterval(() => faults.release(), 1);
    await Promise.all(hanging);
    clearInterval(releasing);
  });

  it("closes with everything done that was asked for, also what waited", async () => {
    const eio = createEio({ maxMemory: "1mb" });
    const fd = fs.openSync(large[0]!, "r");
    const options = { fd, autoClose: false, start: 0 };
    const paused = eio.fs.createReadStream("", options);
    await once(paused as NodeJS.EventEmitter, "readable");
    const reading = large.map((file) => eio.promises.readFile(file));
    await eio.close();
    expect(await Promise.all(reading)).toHaveLength(large.length);
    fs.closeSync(fd);
  });

  it("has what is left carried out at the end of the process", async () => {
    const target = folder.join("at-exit");
    fs.mkdirSync(target);
    const { status, stderr } = await runNode([
      "-e",
      `const { createEio } = require("node-eio");
       const eio = createEio({ maxMemory: "1mb" });
       // What it has read ahead is given back in a later turn, and there is none.
       const paused = eio.fs.createReadStream(process.argv[1]);
       paused.once("readable", () => {
         for (let i = 0; i < 8; i++)
           eio.fs.copyFile(process.argv[1], process.argv[2] + "/" + i, () => {});
         process.exit(0);
       });`,
      large[0]!,
      target,
    ]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const sizes = fs
      .readdirSync(target)
      .map((name) => fs.statSync(`${target}/${name}`).size);
    expect(sizes).toEqual(Array.from({ length: 8 }, () => MIB));
  });

  it("is absent by default, and takes bytes and texts", () => {
    const plain = createEio();
    made.push(plain);
    expect(plain.stats().memory).toBeNull();
    for (const [given, bytes] of [
      ["64mb", 64 * MIB],
      ["1.5 GiB", 1.5 * 1024 * MIB],
      [" 2048K ", 2 * MIB],
      [`${MIB}`, MIB],
      [3 * MIB, 3 * MIB],
    ] as const)
      expect(memory(limited({ maxMemory: given })).maxBytes).toBe(bytes);
    for (const wrong of [0, -1, 1000, "64 apples", "", "mb", NaN, null, true])
      expect(() => createEio({ maxMemory: wrong as never })).toThrow(
        expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
      );
  });

  it("is set for the shared instance by NODE_EIO_MAX_MEMORY", async () => {
    const { stdout } = await runNode([
      "-e",
      `process.env.NODE_EIO_MAX_MEMORY = "5mb";
       console.log(require("node-eio").eio.stats().memory.maxBytes)`,
    ]);
    expect(stdout.trim()).toBe(String(5 * MIB));
  });
});
