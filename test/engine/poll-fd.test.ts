// pollFd: readable exactly while there is something to poll, for any watcher, whether this thread is parked
// in a system call or not. The watcher here is poll(2), called from a program of its own where
// the loop is to be free, and through native code where it is to be parked.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { listBackends } from "../../src/backends/select.ts";
import {
  leftovers,
  nothing,
  prepare,
  send,
  until,
  type Engine,
} from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import { compiled, compilerMissing } from "../helpers/compile.ts";
import { Watched, closeWatched, endable } from "../helpers/watched.ts";

const folder = testFolder();
const data = Buffer.alloc(1 << 16, 3);
const file = folder.file("file", data);
afterEach(closeWatched);

const { addon } = loadNative();
const missing = addon === null ? "no native code" : compilerMissing();

/** Waits in poll(2) on this thread, so that Node's loop does not turn meanwhile. */
const wait: (fd: number, ms: number) => number =
  missing === null
    ? compiled<{ wait: typeof wait }>("wait-readable.c").wait
    : () => -1;
const FOREVER_MS = 20_000;
const readable = (fd: number): boolean => wait(fd, 0) === 1;

/** Which backends there are, and by which name each is chosen. */
const backends = listBackends();
const names = ["pool", "uring", "aio", "nowait"] as const;

describe.skipIf(missing !== null)(`pollFd ${missing ?? ""}`, () => {
  it("needs manual mode and an open instance", async () => {
    const auto = new Watched({ poll: "auto" }).engine;
    expect(() => auto.pollFd).toThrow(
      expect.objectContaining({ code: "ERR_EIO_POLL_FD" }) as Error,
    );
    const { engine } = new Watched();
    const { pollFd } = engine;
    expect(engine.pollFd).toBe(pollFd);
    await engine.close();
    expect(() => engine.pollFd).toThrow("closed");
    expect(() => fs.fstatSync(pollFd)).toThrow("EBADF");
  });

  it("is readable from when a result is done until it is polled", async () => {
    const { engine } = new Watched();
    expect(readable(engine.pollFd)).toBe(false);
    const sent = send(engine, "nop");
    await until(() => readable(engine.pollFd));
    expect(sent.settled).toBe(0);
    expect(readable(engine.pollFd)).toBe(true);
    expect(engine.poll()).toBe(0);
    expect([sent.settled, readable(engine.pollFd)]).toEqual([1, false]);
  });

  it("is readable at once if there were results before it was first read", async () => {
    const { engine } = new Watched();
    send(engine, "nop");
    await until(() => engine.npending === 1);
    expect(readable(engine.pollFd)).toBe(true);
    engine.poll();
    expect(readable(engine.pollFd)).toBe(false);
  });

  it("stays readable while a limit, a return value or an error leaves results", async () => {
    const watch = new Watched({ maxPollReqs: 1 });
    const { engine } = watch;
    const delivered: string[] = [];
    const { pollFd } = engine;
    watch.send(delivered, "a");
    watch.send(delivered, "b", 4, 7);
    watch.send(delivered, "c", 4, () => {
      throw new Error("of c");
    });
    watch.send(delivered, "d");
    await watch.done(4);
    await until(() => readable(pollFd));
    const left = [];
    for (let i = 0; i < 4; i++) {
      try {
        engine.poll();
      } catch (error) {
        expect(error).toMatchObject({ message: "of c" });
      }
      left.push(readable(pollFd));
    }
    expect(delivered).toEqual(["a", "b", "c", "d"]);
    expect(left).toEqual([true, true, true, false]);
  });

  it("becomes readable for a request that needs no backend", () => {
    const { engine } = new Watched();
    const { pollFd } = engine;
    engine.end(endable([], "x"), 0);
    expect(readable(pollFd)).toBe(true);
    engine.poll();
    expect(readable(pollFd)).toBe(false);
  });

  it.for(names)(
    "of %s wakes a parked thread, and poll() then delivers all results",
    async (name, context) => {
      const probe = backends[name];
      if (!probe.available) return context.skip(probe.reason);
      const { engine } = new Watched({ backend: name, minParallel: 1 });
      await engine.backend.ready!();
      const { pollFd } = engine;
      const delivered: number[] = [];
      const fd = fs.openSync(file, "r");
      const direct = fs.openSync(file, fs.constants.O_DIRECT | 0);
      // From here to the end Node's loop does not turn.
      for (let round = 0; round < 20; round++) {
        const sent = [
          prepare("read", { fd, data: Buffer.alloc(4096), position: 0 }),
          prepare("read", { fd, data: Buffer.alloc(60_000), position: 1 }),
          prepare("slurp", { path: file, room: 1 << 17 }),
          prepare("stat", { path: file }),
          prepare("nop"),
          prepare("fsync", { fd }),
          prepare("read", {
            fd: direct,
            data: Buffer.alloc(8192),
            position: 0,
          }),
        ];
        sent.at(-1)!.request.align = 4096;
        for (const { request } of sent) {
          request.settle = ({ result }) => void delivered.push(result);
          engine.submit(request);
        }
        let waits = 0;
        while (engine.nreqs !== 0 && waits++ < 100) {
          expect(wait(pollFd, FOREVER_MS)).toBe(1);
          expect(engine.poll()).toBe(0);
        }
        expect(engine.nreqs).toBe(0);
      }
      expect(delivered.filter((result) => result < 0)).toEqual([]);
      expect(delivered.length).toBe(140);
      expect(readable(pollFd)).toBe(false);
      expect(leftovers(engine)).toEqual(nothing);
      fs.closeSync(fd);
      fs.closeSync(direct);
    },
  );

  it.each(names)(
    "of %s is cleared when the loop turns as well",
    async (name) => {
      if (!backends[name].available) return;
      const watch = new Watched({ backend: name });
      const { engine } = watch;
      const { pollFd } = engine;
      for (let round = 0; round < 20; round++) {
        const sent = send(engine, "slurp", { path: file, room: 1 << 17 });
        await until(() => readable(pollFd));
        expect([sent.settled, engine.npending]).toEqual([0, 1]);
        await polled(engine);
        expect(sent.settled).toBe(1);
        expect(readable(pollFd)).toBe(false);
      }
      expect(watch.edges).toBe("WD".repeat(20));
    },
  );

  it("wakes a parked thread for a value that is moved", async () => {
    const { engine } = new Watched({ backend: "pool", minParallel: 1 });
    await engine.backend.ready!();
    const large = folder.file("large", Buffer.alloc(3 << 20, 5));
    const { pollFd } = engine;
    const sent = send(engine, "slurp", { path: large });
    expect(wait(pollFd, FOREVER_MS)).toBe(1);
    expect(engine.poll()).toBe(0);
    expect((sent.request.value as Buffer).length).toBe(3 << 20);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

async function polled(engine: Engine): Promise<void> {
  await until(() => engine.poll() === 0 && engine.nreqs === 0);
}
