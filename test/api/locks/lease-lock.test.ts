// Lease locks: one holder at a time by files alone, tokens that grow, and what becomes of a holder that gives no sign of life. Two
// instances stand for two processes: they meet in the files only.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { simulatedDisk } from "../../../src/api/faults/simulated-disk.ts";
import type { LeaseLock } from "../../../src/api/locks/lease-lock.ts";
import { clockMs } from "../../../src/util/node-timers.ts";
import { until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { rejects } from "../sys/witness.ts";

const folder = testFolder();
let locks = 0;
const nextPath = (): string => folder.join(`lease${locks++}`);
/** Nobody gives it up, or takes over, while a test runs. */
const long = { leaseMs: 60_000, durable: false };
/** It is to be lost, or abandoned: what a test does meanwhile takes as long as it takes. */
const short = { leaseMs: 400, durable: false };
/** It is to be kept by its signs of life, on a machine that is busy: three quarters of it pass without one before it is lost. */
const kept = { leaseMs: 4000, durable: false };

function instance(options: Parameters<typeof createEio>[0] = {}): Eio {
  const eio = createEio(options);
  onTestFinished(() => eio.close());
  return eio;
}

const lost = (lock: LeaseLock): Promise<{ code: string; message: string }> =>
  new Promise((resolve) => {
    if (lock.signal.aborted) resolve(lock.signal.reason);
    lock.signal.addEventListener("abort", () => resolve(lock.signal.reason));
  });

const newestOf = (at: string): string =>
  path.join(at, fs.readdirSync(at).sort().at(-1)!);

describe("leaseLock", () => {
  it("is one holder's at a time, and its token grows", async () => {
    const [one, two] = [instance(), instance()];
    const at = nextPath();
    const held = await one.leaseLock(at, long);
    expect([held.path, held.token, held.signal.aborted]).toEqual([
      at,
      1,
      false,
    ]);
    await rejects(two.leaseLock(at, { ...long, wait: false }), {
      code: "EAGAIN",
      syscall: "open",
      path: at,
    });
    const order: string[] = [];
    const second = two.leaseLock(at, long).then((lock) => {
      order.push("second");
      return lock;
    });
    order.push("released");
    await held.release();
    await held.release();
    const next = await second;
    expect([order, next.token]).toEqual([["released", "second"], 2]);
    await next.release();
    await using again = await one.leaseLock(at, long);
    expect(again.token).toBe(3);
  });

  it("never has two holders among many who want it, nor the same token twice", async () => {
    const instances = Array.from({ length: 4 }, () => instance());
    const at = nextPath();
    const tokens: number[] = [];
    let inside = 0;
    await Promise.all(
      instances.flatMap((eio) =>
        Array.from({ length: 3 }, async () => {
          for (let i = 0; i < 5; i++) {
            await using lock = await eio.leaseLock(at, long);
            expect(++inside).toBe(1);
            await eio.promises.stat(at);
            tokens.push(lock.token);
            inside--;
          }
        }),
      ),
    );
    expect(tokens).toHaveLength(60);
    expect(tokens.every((token, i) => i === 0 || token > tokens[i - 1]!)).toBe(
      true,
    );
    expect(fs.readdirSync(at).length).toBeLessThan(10);
  });

  it("is kept for longer than a lease by a holder that lives", async () => {
    const [one, two] = [instance(), instance()];
    const at = nextPath();
    await using held = await one.leaseLock(at, kept);
    const seen = new Set<string>();
    const abort = new AbortController();
    const waiting = two.leaseLock(at, { ...kept, signal: abort.signal });
    // A lease has four, so the last of these comes later than one.
    await until(() => seen.add(fs.readFileSync(newestOf(at), "utf8")).size > 5);
    abort.abort();
    await rejects(waiting, { name: "AbortError" });
    expect(held.signal.aborted).toBe(false);
  });

  it("ends a wait at the deadline with the error of a system call", async () => {
    const [one, two] = [instance(), instance()];
    const at = nextPath();
    await using _held = await one.leaseLock(at, long);
    await rejects(two.leaseLock(at, { ...long, timeout: 20 }), {
      code: "ETIMEDOUT",
      syscall: "open",
      path: at,
    });
  });

  it("is lost by a holder whose signs of life fail, before somebody else has it", async () => {
    const faults = plan({
      rules: [{ op: "spew", after: 1, then: { error: "EIO" } }],
    });
    const [one, two] = [instance({ faults }), instance()];
    const at = nextPath();
    const held = await one.leaseLock(at, short);
    let lostAtMs = 0;
    const losing = lost(held).then((reason) => {
      lostAtMs = clockMs();
      return reason;
    });
    await using next = await two.leaseLock(at, short);
    expect(clockMs()).toBeGreaterThan(lostAtMs);
    expect(await losing).toMatchObject({
      code: "ERR_EIO_LEASE_LOST",
      message: expect.stringContaining("no sign of life"),
    });
    expect(next.token).toBe(2);
    // It is not the loser's to give back.
    await held.release();
    expect(fs.readFileSync(newestOf(at), "utf8")).toMatch(/^held /);
  });

  it("survives signs of life that fail for a while", async () => {
    const faults = plan({
      rules: [{ op: "spew", after: 1, times: 2, then: { error: "EIO" } }],
    });
    const eio = instance({ faults });
    const at = nextPath();
    await using held = await eio.leaseLock(at, kept);
    const before = fs.readFileSync(newestOf(at), "utf8");
    await until(() => fs.readFileSync(newestOf(at), "utf8") !== before);
    expect(held.signal.aborted).toBe(false);
  });

  it("is lost when its file is removed, or somebody went beyond", async () => {
    const eio = instance();
    const [removed, passed] = [nextPath(), nextPath()];
    const one = await eio.leaseLock(removed, kept);
    const two = await eio.leaseLock(passed, kept);
    fs.rmSync(newestOf(removed));
    fs.writeFileSync(`${passed}/${"2".padStart(16, "0")}`, "");
    const [ofOne, ofTwo] = await Promise.all([lost(one), lost(two)]);
    expect(ofOne.message).toContain("removed");
    expect(ofTwo.message).toContain("taken over");
  });

  it("shows that it is lost as soon as the holder looks, however late its timers are", async () => {
    const eio = instance();
    const leaseMs = 1000;
    const held = await eio.leaseLock(nextPath(), { ...short, leaseMs });
    const { signal } = held;
    expect(signal.aborted).toBe(false);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaseMs + 1);
    expect(signal.aborted).toBe(false);
    expect(held.signal.aborted).toBe(true);
    await held.release();
  });

  it("is not taken over by two who both saw it abandoned", async () => {
    const at = nextPath();
    const gone = createEio();
    await gone.leaseLock(at, { ...short, leaseMs: 200 });
    const text = fs.readFileSync(newestOf(at), "utf8");
    await gone.close();
    fs.writeFileSync(newestOf(at), text);
    // The first creation waits while the second one goes through to its release.
    const faults = plan({
      rules: [{ op: "spew", times: 1, then: { hang: true } }],
    });
    const [slow, fast] = [instance({ faults }), instance()];
    const late = slow.leaseLock(at, long);
    await until(() => faults.held.length === 1);
    const second = await fast.leaseLock(at, long);
    faults.release();
    const third = late.then(({ token }) => token);
    expect(second.token).toBe(2);
    await second.release();
    expect(await third).toBe(3);
  });

  it("is left to a holder that gives a sign of life while it is taken over", async () => {
    const at = nextPath();
    const one = instance();
    const held = await one.leaseLock(at, long);
    const text = fs.readFileSync(newestOf(at), "utf8");
    // Nobody waits that long: the lease is as short as the file says.
    fs.writeFileSync(newestOf(at), text.replace("00060000", "00000100"));
    const faults = plan({
      rules: [{ op: "spew", times: 1, then: { hang: true } }],
    });
    const two = instance({ faults });
    const abort = new AbortController();
    const taking = two.leaseLock(at, { ...long, signal: abort.signal });
    await until(() => faults.held.length === 1);
    fs.writeFileSync(
      newestOf(at),
      text.replace(" 0000000000 ", " 0000000001 "),
    );
    faults.release();
    const listed = faults.trace.length;
    await until(() =>
      faults.trace.slice(listed).some(({ op }) => op === "unlink"),
    );
    await until(() => fs.readdirSync(at).length === 1);
    abort.abort();
    await rejects(taking, { name: "AbortError" });
    await held.release();
  });

  it("that comes when its caller has given up is given back", async () => {
    const faults = plan({
      rules: [{ op: "spew", times: 1, then: { hang: true } }],
    });
    const eio = instance({ faults });
    const at = nextPath();
    const abort = new AbortController();
    const given = eio.leaseLock(at, { leaseMs: 60_000, signal: abort.signal });
    await until(() => faults.held.length === 1);
    abort.abort();
    await rejects(given, { name: "AbortError" });
    faults.release();
    await (await instance().leaseLock(at, long)).release();
  });

  it("syncs file and folder before it is had, unless durable is false", async () => {
    const faults = plan();
    const eio = instance({ faults });
    const at = nextPath();
    const syncs = (): number =>
      faults.trace.filter(({ op }) => op === "fsync").length;
    await (await eio.leaseLock(at)).release();
    const durable = syncs();
    expect(durable).toBe(2);
    await (await eio.leaseLock(at)).release();
    expect(syncs() - durable).toBe(1);
    await (await eio.leaseLock(at, { durable: false })).release();
    expect(syncs() - durable).toBe(1);
  });

  it("has no token twice, whatever a loss of power leaves", async () => {
    const disk = simulatedDisk({ profile: "posix" });
    const eio = instance({ backend: disk });
    const leaseMs = 2000;
    const notes: { at: number; token: number }[] = [];
    for (let i = 0; i < 12; i++) {
      await using lock = await eio.leaseLock("/tmp/lease", { leaseMs });
      notes.push({ at: disk.position, token: lock.token });
    }
    // All at once: each waits until a lease has passed.
    const after = Array.from({ length: 24 }, async (_, seed) => {
      const { at, token } = notes[seed % notes.length]!;
      const left = instance({ backend: disk.crash({ seed, at }) });
      await using lock = await left.leaseLock("/tmp/lease", { leaseMs });
      expect(lock.token).toBeGreaterThan(token);
    });
    await Promise.all(after);
  });

  it("starts in a working directory, and takes a path of bytes", async () => {
    const eio = instance();
    const name = path.basename(nextPath());
    await using wd = await eio.wd(folder.path);
    const one = await eio.leaseLock(name, { ...long, durable: true, wd });
    expect(fs.readdirSync(folder.join(name))).toHaveLength(1);
    const bytes = Buffer.from(folder.join(name));
    await rejects(eio.leaseLock(bytes, { ...long, wait: false }), {
      code: "EAGAIN",
    });
    await one.release();
    await (await eio.leaseLock(bytes, long)).release();
  });

  it.each([
    [{ leaseMs: 50 }, "ERR_OUT_OF_RANGE"],
    [{ leaseMs: "1s" }, "ERR_INVALID_ARG_TYPE"],
    [{ durable: 1 }, "ERR_INVALID_ARG_TYPE"],
    [{ wait: 0 }, "ERR_INVALID_ARG_TYPE"],
  ])("refuses the options %o", async (options, code) => {
    await rejects(instance().leaseLock(nextPath(), options as never), { code });
  });

  it("rejects with the system's errors", async () => {
    const eio = instance();
    const at = path.join(folder.path, "absent", "lease");
    await rejects(eio.leaseLock(at), { code: "ENOENT", syscall: "mkdir" });
    await rejects(eio.leaseLock(folder.file("plain")), { code: "ENOTDIR" });
  });
});
