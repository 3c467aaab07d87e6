// Locks that python holds, or is kept from; what waiting for one costs, and what an abort can do.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { until } from "../../helpers/engine.ts";
import { holder, places, rejects, witness } from "./witness.ts";

const here = places();
const made: Eio[] = [];
const make = (maxParallel: number): Eio => {
  const eio = createEio({ maxParallel });
  made.push(eio);
  return eio;
};
afterAll(() => Promise.all(made.map((eio) => eio.close())));

const eio = make(2);
const { sys } = eio;
const { LOCK_EX, LOCK_SH, LOCK_NB, LOCK_UN } = sys.constants;
const { F_RDLCK, F_WRLCK, F_UNLCK } = sys.constants;
const EAGAIN = -11;

/** Given to a worker, and begun: it waits for what it waits for. */
const begun = (eio: Eio): Promise<void> =>
  until(() => eio.nready === 0 && eio.nthreads !== 0);

describe.skipIf(loadNative().addon === null).each(here)("on $type", (place) => {
  it("flock keeps others out, or lets them share", async () => {
    const file = await eio.promises.open(place.file("flock"), "r+");
    const others = (how: number): number =>
      witness("try_flock", place.join("flock"), how);
    await sys.flock(file, LOCK_EX);
    expect(others(LOCK_SH)).toBe(EAGAIN);
    await sys.flock(file, LOCK_SH | LOCK_NB);
    expect([others(LOCK_SH), others(LOCK_EX)]).toEqual([0, EAGAIN]);
    await sys.flock(file.fd, LOCK_UN);
    expect(others(LOCK_EX)).toBe(0);
    await rejects(sys.flock(file, 16), {
      message: "EINVAL: invalid argument, flock",
    });
    await file.close();
  });

  it("ofdLock keeps others out of a range", async () => {
    const file = await eio.promises.open(place.file("ofd"), "r+");
    const others = (kind: number, start: number): number =>
      witness("try_ofd", place.join("ofd"), kind, start, 5);
    await sys.ofdLock(file, F_WRLCK, { offset: 10, length: 10 });
    expect([others(F_RDLCK, 5), others(F_RDLCK, 15)]).toEqual([0, EAGAIN]);
    await sys.ofdLock(file, F_RDLCK, { offset: 10, length: 10 });
    expect([others(F_RDLCK, 15), others(F_WRLCK, 15)]).toEqual([0, EAGAIN]);
    const second = await eio.promises.open(place.join("ofd"), "r+");
    const where = { offset: 0, length: 100 };
    expect(await sys.ofdQuery(second, F_WRLCK, where)).toEqual({
      type: F_RDLCK,
      offset: 10,
      length: 10,
      pid: -1,
    });
    expect(await sys.ofdQuery(second, F_RDLCK, where)).toBeNull();
    await rejects(sys.ofdLock(second, F_WRLCK, { wait: false }), {
      message: "EAGAIN: resource temporarily unavailable, fcntl",
      errno: EAGAIN,
    });
    await sys.ofdLock(file, F_UNLCK);
    await sys.ofdLock(second, F_WRLCK, { wait: false });
    await file.close();
    await second.close();
    const reads = await eio.promises.open(place.join("ofd"), "r");
    await rejects(sys.ofdLock(reads, F_WRLCK), { code: "EBADF" });
    await reads.close();
  });

  it("waits for another process, and holds one worker meanwhile", async () => {
    const eio = make(2);
    const release = await holder(place.file("waits"));
    const one = await eio.promises.open(place.join("waits"), "r+");
    const two = await eio.promises.open(place.join("waits"), "r+");
    await rejects(eio.sys.flock(one, LOCK_EX | LOCK_NB), {
      message: "EAGAIN: resource temporarily unavailable, flock",
    });
    let locked = 0;
    const count = (): number => ++locked;
    const first = eio.sys.flock(one, LOCK_EX).then(count);
    await begun(eio);
    // The other worker goes on.
    await eio.promises.stat(place.folder);
    expect(locked).toBe(0);
    const second = eio.sys.ofdLock(two, F_WRLCK).then(count);
    await begun(eio);
    let resolved = false;
    const third = eio.promises.stat(place.folder).then(() => (resolved = true));
    await release();
    await Promise.all([first, second, third]);
    expect([locked, resolved]).toEqual([2, true]);
    await one.close();
    await two.close();
  });

  it("rejects on an abort at once, while the waiting call still gets the lock", async () => {
    const eio = make(1);
    const release = await holder(place.file("aborted"));
    const file = await eio.promises.open(place.join("aborted"), "r+");
    const abort = new AbortController();
    const locking = eio.sys.flock(file, LOCK_EX, { signal: abort.signal });
    await begun(eio);
    const queued = eio.sys.flock(file, LOCK_SH, { timeout: 5 });
    await rejects(queued, { code: "ETIMEDOUT", syscall: "flock" });
    abort.abort();
    await rejects(locking, { name: "AbortError", code: "ABORT_ERR" });
    // The one worker is still held, and the descriptor with it.
    const closed = file.close();
    expect(eio.nreqs).toBe(0);
    await release();
    await closed;
    expect(witness("try_flock", place.join("aborted"), LOCK_EX)).toBe(0);
  });

  // Node waits for a thread in a system call before it exits, as it does for its own pool's.
  it("lets a process end that waits for a lock, once it has it", async () => {
    const release = await holder(place.file("ends"));
    const doors = path.resolve(import.meta.dirname, "../../../dist/index.js");
    const program = `
      import fs from "node:fs";
      import { eio } from ${JSON.stringify(doors)};
      const fd = fs.openSync(${JSON.stringify(place.join("ends"))}, "r+");
      eio.sys.flock(fd, ${LOCK_EX}).then(() => fs.writeSync(1, "locked"));
      while (eio.nready !== 0 || eio.nthreads === 0)
        await new Promise((resolve) => setImmediate(resolve));
      fs.writeSync(1, "waiting");
      process.exit(7);`;
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      program,
    ]);
    let said = "";
    child.stdout.on("data", (data: Buffer) => (said += String(data)));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await until(() => said !== "");
    await release();
    expect([await ended, said]).toEqual([7, "waiting"]);
  });

  it("dup2 makes a descriptor refer to another file", async () => {
    const one = fs.openSync(place.file("one", "1"), "r");
    const two = fs.openSync(place.file("two", "2"), "r");
    expect(await sys.dup2(one, two)).toBe(two);
    expect(fs.readFileSync(two, "utf8")).toBe("1");
    expect(fs.readlinkSync(`/proc/self/fd/${two}`)).toBe(place.join("one"));
    const flags = (fd: number): number =>
      parseInt(
        /flags:\s*(\d+)/.exec(
          fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"),
        )![1]!,
        8,
      );
    const CLOEXEC = 0o2000000;
    expect(flags(two) & CLOEXEC).toBe(CLOEXEC);
    expect(await sys.dup2(one, two, { cloexec: false })).toBe(two);
    expect(flags(two) & CLOEXEC).toBe(0);
    expect(await sys.dup2(one, one)).toBe(one);
    await rejects(sys.dup2(999_999, two), {
      message: "EBADF: bad file descriptor, dup2",
    });
    fs.closeSync(one);
    fs.closeSync(two);
  });
});
