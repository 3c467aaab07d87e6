// Locks of the system's: who gets one and in which order, what ends the waiting for it, and that nothing but release() gives it
// away while its process lives.
import { getEventListeners } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import type { FileLock } from "../../../src/api/locks/file-lock.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { simulatedDisk } from "../../../src/api/faults/simulated-disk.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { until } from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { holding, rejects, witness } from "../sys/witness.ts";

const folder = testFolder();
let files = 0;
const nextPath = (): string => folder.join(`lock${files++}`);

function instance(options: Parameters<typeof createEio>[0] = {}): Eio {
  const eio = createEio(options);
  onTestFinished(() => eio.close());
  return eio;
}

const F_RDLCK = 0;
const F_WRLCK = 1;
const EAGAIN = -11;
/** What another process gets. */
const others = (file: string, type: number, start = 0, length = 0): number =>
  witness("try_ofd", file, type, start, length);

async function holdingChild(file: string) {
  fs.closeSync(fs.openSync(file, "a"));
  const child = await holding(file);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Notes the names of locks as they are had. */
function noting() {
  const names: string[] = [];
  const note = (name: string, locking: Promise<FileLock>) =>
    locking.then((lock) => (names.push(name), lock));
  return { names, note };
}

/** Enough turns for whoever may go on to have gone on. */
async function settled(eio: Eio): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await turn();
    await until(() => eio.nreqs === 0);
  }
}

const withLocks = describe.skipIf(loadNative().addon === null);

withLocks("lock", () => {
  it("keeps other processes out until it is released, and makes the file", async () => {
    const eio = instance();
    const file = nextPath();
    const lock = await eio.lock(file);
    expect([lock.path, lock.shared]).toEqual([file, false]);
    expect(others(file, F_RDLCK)).toBe(EAGAIN);
    await lock.release();
    await lock.release();
    expect(others(file, F_WRLCK)).toBe(0);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it("is released at the end of its block, also by an error", async () => {
    const eio = instance();
    const file = nextPath();
    const failing = (async () => {
      await using lock = await eio.lock(file);
      expect(others(lock.path, F_WRLCK)).toBe(EAGAIN);
      throw new Error("of the block");
    })();
    await expect(failing).rejects.toThrow("of the block");
    expect(others(file, F_WRLCK)).toBe(0);
  });

  it("is not lost when other descriptors of the file are closed", async () => {
    const eio = instance();
    const file = nextPath();
    await using lock = await eio.lock(file);
    const other = await eio.promises.open(lock.path, "r+");
    await other.close();
    fs.closeSync(fs.openSync(file, "r+"));
    fs.readFileSync(file);
    await eio.promises.readFile(file);
    expect(others(file, F_RDLCK)).toBe(EAGAIN);
  });

  it("is shared by those who share it, and by nobody else", async () => {
    const eio = instance();
    const file = nextPath();
    const one = await eio.lock(file, { shared: true });
    const two = await eio.lock(file, { shared: true });
    expect(others(file, F_RDLCK)).toBe(0);
    expect(others(file, F_WRLCK)).toBe(EAGAIN);
    const { names, note } = noting();
    const third = note("alone", eio.lock(file));
    await one.release();
    await settled(eio);
    expect(names).toEqual([]);
    await two.release();
    await (await third).release();
  });

  it("can be shared on a file that may only be read", async () => {
    const eio = instance();
    const file = nextPath();
    fs.writeFileSync(file, "", { mode: 0o444 });
    const faults = plan();
    const watched = instance({ faults });
    await using _lock = await watched.lock(file, { shared: true });
    const [opened] = faults.trace;
    expect(opened?.op).toBe("open");
    await using _second = await eio.lock(file, { shared: true });
    const flags = fs
      .readdirSync("/proc/self/fd")
      .filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`) === file;
        } catch {
          return false;
        }
      })
      .map((fd) => fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))
      .map((info) => parseInt(/flags:\s*(\d+)/.exec(info)![1]!, 8) & 3);
    expect(flags).toEqual([fs.constants.O_RDONLY, fs.constants.O_RDONLY]);
  });

  it("of a range leaves the others", async () => {
    const eio = instance();
    const file = nextPath();
    const range = (start: number, length = 10) =>
      eio.lock(file, { start, length, wait: false });
    const one = await range(10);
    const two = await range(20);
    expect(others(file, F_WRLCK, 15, 1)).toBe(EAGAIN);
    expect(others(file, F_WRLCK, 30, 5)).toBe(0);
    await rejects(range(5), { code: "EAGAIN" });
    await rejects(range(29, 0), { code: "EAGAIN" });
    const rest = await eio.lock(file, { start: 30n, wait: false });
    await one.release();
    await (await range(0, 20)).release();
    await Promise.all([two.release(), rest.release()]);
  });

  it("is had in the order of the calls, higher priorities first", async () => {
    const eio = instance();
    const file = nextPath();
    const { names, note } = noting();
    const first = await eio.lock(file);
    const waiting = (
      [
        ["one", 0],
        ["two", 0],
        ["low", -2],
        ["high", 3],
        ["three", 0],
      ] as const
    ).map(([name, priority]) =>
      note(name, eio.lock(file, { priority })).then((lock) => lock.release()),
    );
    await settled(eio);
    expect(names).toEqual([]);
    await first.release();
    await Promise.all(waiting);
    expect(names).toEqual(["high", "one", "two", "three", "low"]);
  });

  it("is not had by readers before a writer who came before them", async () => {
    const eio = instance();
    const file = nextPath();
    const { names, note } = noting();
    const reader = await eio.lock(file, { shared: true });
    const writer = note("writer", eio.lock(file));
    const late = note("reader", eio.lock(file, { shared: true }));
    await settled(eio);
    expect(names).toEqual([]);
    await reader.release();
    await (await writer).release();
    await (await late).release();
    expect(names).toEqual(["writer", "reader"]);
  });

  it("with wait: false is refused as the system refuses it", async () => {
    const eio = instance();
    const file = nextPath();
    const child = await holdingChild(file);
    const refused = {
      code: "EAGAIN",
      errno: EAGAIN,
      syscall: "fcntl",
      path: file,
      message: `EAGAIN: resource temporarily unavailable, fcntl '${file}'`,
    };
    await rejects(eio.lock(file, { wait: false }), refused);
    child.stdin!.end();
    await using _lock = await eio.lock(file);
    await rejects(eio.lock(file, { wait: false }), refused);
    expect(descriptorsBelow(folder.path)).toHaveLength(1);
  });

  it("is had when a process that holds it is killed, not while it is stopped", async () => {
    const eio = instance();
    const file = nextPath();
    const child = await holdingChild(file);
    child.kill("SIGSTOP");
    await rejects(eio.lock(file, { timeout: 60 }), {
      code: "ETIMEDOUT",
      syscall: "fcntl",
      path: file,
    });
    const { names, note } = noting();
    const locking = note("mine", eio.lock(file));
    await rejects(eio.lock(file, { wait: false }), { code: "EAGAIN" });
    expect(names).toEqual([]);
    child.kill("SIGKILL");
    await (await locking).release();
  });

  it("is no longer waited for after an abort or the deadline", async () => {
    const eio = instance();
    const file = nextPath();
    const held = await eio.lock(file);
    const abort = new AbortController();
    const { signal } = abort;
    const queued = eio.lock(file, { signal });
    const { names, note } = noting();
    const next = note("next", eio.lock(file));
    await rejects(eio.lock(file, { timeout: 5 }), { code: "ETIMEDOUT" });
    await rejects(eio.lock(file, { timeout: 0 }), { code: "ETIMEDOUT" });
    const reason = new Error("enough");
    abort.abort(reason);
    await rejects(queued, { name: "AbortError", cause: reason });
    await rejects(eio.lock(file, { signal }), { name: "AbortError" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(names).toEqual([]);
    await held.release();
    await (await next).release();
  });

  it("that comes when its caller has given up is given back", async () => {
    const faults = plan({
      rules: [{ op: "ofdLock", times: 1, then: { hang: true } }],
    });
    const eio = instance({ faults });
    const file = nextPath();
    const abort = new AbortController();
    const given = eio.lock(file, { signal: abort.signal });
    await until(() => faults.held.length === 1);
    abort.abort();
    await rejects(given, { name: "AbortError" });
    await (await eio.lock(file)).release();
    faults.release();
    await until(() => descriptorsBelow(file).length === 0);
    await (await eio.lock(file, { wait: false })).release();
  });

  it("holds no thread while it waits, and one descriptor however many wait", async () => {
    const eio = instance({ maxParallel: 1 });
    const file = nextPath();
    const child = await holdingChild(file);
    const locking = Promise.all(
      Array.from({ length: 20 }, async () => {
        await using _lock = await eio.lock(file);
      }),
    );
    // The one worker is there for others.
    for (let i = 0; i < 20; i++) await eio.promises.stat(folder.path);
    expect(descriptorsBelow(file).length).toBeLessThanOrEqual(1);
    child.stdin!.end();
    await locking;
  });

  it("of a file that was removed or replaced meanwhile is not had", async () => {
    const faults = plan({
      rules: [{ op: "ofdLock", times: 1, then: { hang: true } }],
    });
    const eio = instance({ faults });
    const file = nextPath();
    const locking = eio.lock(file);
    await until(() => faults.held.length === 1);
    fs.renameSync(file, `${file}.old`);
    faults.release();
    await using _lock = await locking;
    expect(descriptorsBelow(folder.path)).toHaveLength(1);
    expect(others(file, F_RDLCK)).toBe(EAGAIN);
    expect(others(`${file}.old`, F_WRLCK)).toBe(0);
  });

  it("excludes other instances, too", async () => {
    const file = nextPath();
    const [one, two] = [instance(), instance()];
    const held = await one.lock(file);
    const { names, note } = noting();
    const second = note("second", two.lock(file));
    await rejects(two.lock(file, { wait: false }), { code: "EAGAIN" });
    expect(names).toEqual([]);
    await held.release();
    await (await second).release();
  });

  it("starts in a working directory", async () => {
    const eio = instance();
    const name = path.basename(nextPath());
    await using wd = await eio.wd(folder.path);
    await using _lock = await eio.lock(name, { wd });
    expect(others(folder.join(name), F_WRLCK)).toBe(EAGAIN);
    await rejects(eio.lock(folder.join(name), { wait: false }), {
      code: "EAGAIN",
    });
  });

  it("is released after its instance was closed, too", async () => {
    const eio = createEio();
    const file = nextPath();
    const lock = await eio.lock(file);
    const waiting = eio.lock(file);
    await eio.close();
    await lock.release();
    await rejects(waiting, { code: "ERR_EIO_CLOSED" });
    await until(() => descriptorsBelow(file).length === 0);
    expect(others(file, F_WRLCK)).toBe(0);
  });

  it("rejects with the system's errors, and leaves no place in the line", async () => {
    const eio = instance();
    const file = path.join(folder.path, "absent", "lock");
    const missing = { code: "ENOENT", syscall: "open", path: file };
    await rejects(eio.lock(file), missing);
    await rejects(eio.lock(file), missing);
    await rejects(eio.lock(folder.path), { code: "EISDIR" });
  });
});

describe("lock", () => {
  it.each([
    [{ shared: 1 }, "ERR_INVALID_ARG_TYPE"],
    [{ wait: "no" }, "ERR_INVALID_ARG_TYPE"],
    [{ start: -1 }, "ERR_OUT_OF_RANGE"],
    [{ start: 1.5 }, "ERR_OUT_OF_RANGE"],
    [{ length: 2n ** 60n }, "ERR_OUT_OF_RANGE"],
    [{ start: 1, length: Number.MAX_SAFE_INTEGER }, "ERR_OUT_OF_RANGE"],
    [{ priority: 9 }, "ERR_OUT_OF_RANGE"],
    ["shared", "ERR_EIO_INVALID_OPTION"],
  ])("refuses the options %o", async (options, code) => {
    await rejects(instance().lock(nextPath(), options as never), { code });
  });

  it("refuses what is no path", async () => {
    const eio = instance();
    await rejects(eio.lock(7 as never), { code: "ERR_INVALID_ARG_TYPE" });
    await rejects(eio.lock("a\0b"), { code: "ERR_INVALID_ARG_VALUE" });
  });

  it("says so where the system's locks cannot be used", async () => {
    const faults = plan({
      rules: [{ op: "ofdLock", then: { error: "ENOSYS" } }],
    });
    const eio = instance({ faults });
    const file = nextPath();
    await rejects(eio.lock(file), {
      code: "ERR_EIO_LOCK_UNAVAILABLE",
      cause: { code: "ENOSYS" },
    });
    expect(descriptorsBelow(file)).toEqual([]);
  });

  it("keeps its order on a simulated disk", async () => {
    const eio = instance({ backend: simulatedDisk() });
    const { names, note } = noting();
    const lock = await eio.lock("/tmp/lock");
    const next = note("next", eio.lock("/tmp/lock"));
    await settled(eio);
    expect(names).toEqual([]);
    await lock.release();
    await (await next).release();
  });
});
