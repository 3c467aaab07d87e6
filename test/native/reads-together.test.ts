// Several reads of one file in one turn are made by one call of the loop's ring (see native-aio/src/reads-together.h): each
// gives what it gives by itself.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { Control } from "../../src/request/layout.ts";
import { pattern } from "../helpers/bytes.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  send,
  type Engine,
} from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import { plainEnv } from "../helpers/sanitizers.ts";

const { uring, nowait } = listBackends();
const skip = !uring.available || !nowait.available;
const memory = testFolder();
const disk = fs.mkdtempSync("/var/tmp/eio-reads-together-");
afterAll(() => fs.rmSync(disk, { recursive: true, force: true }));
const content = pattern(200_000);
const file = path.join(disk, "file");
fs.writeFileSync(file, content);
const inMemory = memory.file("file", content);

const together = (engine: Engine): number =>
  engine.memory.control[Control.readsTogether]!;

describe.skipIf(skip)("reads of one turn", () => {
  const opened: number[] = [];
  const open = (name: string, flags: string | number = "r"): number => {
    opened.push(fs.openSync(name, flags));
    return opened.at(-1)!;
  };
  afterEach(async () => {
    await closeEngines();
    for (const fd of opened.splice(0)) fs.closeSync(fd);
  });

  it("are made together, of one file", async () => {
    const engine = makeEngine({ backend: "auto" });
    const fd = open(file);
    const reads = Array.from({ length: 200 }, (_, i) => {
      const buffer = Buffer.alloc(500);
      const at = i * 997;
      return {
        buffer,
        at,
        sent: send(engine, "read", { fd, data: buffer, position: at }),
      };
    });
    for (const { buffer, at, sent } of reads) {
      expect((await sent.done).result).toBe(500);
      expect(buffer.equals(content.subarray(at, at + 500))).toBe(true);
    }
    expect(together(engine)).toBeGreaterThanOrEqual(128);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it.each([
    ["of as many files", 100],
    ["of which there are few", 3],
  ])("%s are made one by one", async (_, count) => {
    const engine = makeEngine({ backend: "auto" });
    const reads = Array.from({ length: count }, () => {
      const buffer = Buffer.alloc(100);
      const fd = open(file);
      return {
        buffer,
        sent: send(engine, "read", { fd, data: buffer, position: 7 }),
      };
    });
    for (const { buffer, sent } of reads) {
      expect((await sent.done).result).toBe(100);
      expect(buffer.equals(content.subarray(7, 107))).toBe(true);
    }
    expect(together(engine)).toBe(0);
  });

  it("are not where io_uring was not chosen", async () => {
    const engine = makeEngine({ backend: "nowait" });
    const fd = open(file);
    const sent = Array.from({ length: 100 }, (_, i) =>
      send(engine, "read", { fd, data: Buffer.alloc(100), position: i }),
    );
    for (const { done } of sent) expect((await done).result).toBe(100);
    expect(together(engine)).toBe(0);
  });

  it("end as each does by node:fs, whatever they are of", async () => {
    const eio = createEio();
    const pipe = memory.join("fifo");
    execFileSync("mkfifo", [pipe]);
    const fds = {
      file: open(file),
      inMemory: open(inMemory),
      folder: open(disk),
      fifo: open(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK),
      null: open("/dev/null"),
      zero: open("/dev/zero"),
      proc: open("/proc/self/cmdline"),
      writeOnly: open(file, "r+"),
    };
    const one = fc.record({
      of: fc.constantFrom(...(Object.keys(fds) as (keyof typeof fds)[])),
      times: fc.integer({ min: 1, max: 20 }),
      position: fc.constantFrom(0, 1, 4095, 4096, 199_990, 200_000, 300_000),
      bytes: fc.constantFrom(0, 1, 10, 4096, 70_000),
    });
    const outcome = async (
      read: Promise<{ bytesRead: number; buffer: Buffer }>,
    ): Promise<unknown> => {
      try {
        const { bytesRead, buffer } = await read;
        return [bytesRead, buffer.toString("latin1")];
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        return [code, message];
      }
    };
    const read = (
      door: Pick<typeof fs, "read">,
      fd: number,
      bytes: number,
      position: number,
    ) =>
      new Promise<{ bytesRead: number; buffer: Buffer }>((resolve, reject) =>
        door.read(
          fd,
          Buffer.alloc(bytes),
          0,
          bytes,
          position,
          (error, bytesRead, buffer) =>
            error === null ? resolve({ bytesRead, buffer }) : reject(error),
        ),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { minLength: 1, maxLength: 8 }),
        async (all) => {
          const each = all.flatMap(
            (read) => Array(read.times).fill(read) as typeof all,
          );
          const ours = await Promise.all(
            each.map(({ of, bytes, position }) =>
              outcome(
                read(eio.fs as unknown as typeof fs, fds[of], bytes, position),
              ),
            ),
          );
          for (const [i, { of, bytes, position }] of each.entries())
            expect(ours[i]).toEqual(
              await outcome(read(fs, fds[of], bytes, position)),
            );
        },
      ),
      { numRuns: 60 },
    );
    await eio.close();
  });

  it("of a socket at a position are refused, and leave in it what is in it", async () => {
    const engine = makeEngine({ backend: "auto" });
    // What it writes to its input can be read from the other end.
    const writer = spawn("sh", ["-c", "printf data >&0; echo; exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: plainEnv,
    });
    await once(writer.stdout, "data");
    const { fd } = (writer.stdin as unknown as { _handle: { fd: number } })
      ._handle;
    const sent = Array.from({ length: 20 }, () =>
      send(engine, "read", { fd, data: Buffer.alloc(10), position: 0 }),
    );
    for (const { done } of sent)
      expect((await done).result).toBe(-os.constants.errno.ESPIPE);
    writer.kill();
  });

  it("that are cancelled leave the others alone", async () => {
    const engine = makeEngine({ backend: "auto" });
    const fd = open(file);
    const sent = Array.from({ length: 100 }, (_, i) =>
      send(engine, "read", { fd, data: Buffer.alloc(100), position: i }),
    );
    for (let i = 0; i < 100; i += 2) engine.cancelSoftly(sent[i]!.request);
    for (const [i, { done }] of sent.entries())
      if (i % 2 === 1) expect((await done).result).toBe(100);
      else await done;
    expect(sent.map(({ settled }) => settled)).toEqual(Array(100).fill(1));
  });
});
