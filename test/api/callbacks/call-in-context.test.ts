// How callbacks are called: in the context of the call, with what they throw being the process's
// business, and in time when the call is cancelled.
import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { descriptorCalls } from "../../../src/api/callbacks/descriptor-calls.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  setLimits,
} from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const engine = makeEngine();
afterAll(closeEngines);

type Callback = (
  error: NodeJS.ErrnoException | null,
  ...rest: unknown[]
) => void;
const calls = descriptorCalls(() => engine) as Record<
  string,
  (...args: unknown[]) => void
>;
const MUCH = Buffer.alloc(3 << 20, "much ");

const forms: Record<string, unknown[]> = {
  read: [Buffer.alloc(4), 0, 4, 0],
  readv: [[Buffer.alloc(4)], 0],
  write: [Buffer.alloc(4), 0, 4, 0],
  writev: [[Buffer.alloc(4)], 0],
  fstat: [],
  ftruncate: [4],
  fsync: [],
  fdatasync: [],
  fchmod: [0o600],
  fchown: [-1, -1],
  futimes: [1, 1],
  readFile: [],
  writeFile: ["text"],
  appendFile: ["text"],
};
const open = (): number => fs.openSync(folder.file("file", "content"), "r+");

describe.each(Object.entries(forms))("%s", (name, args) => {
  it("keeps the async context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const fd = open();
    const seen = await storage.run(
      "here",
      () =>
        new Promise((resolve) =>
          calls[name]!(fd, ...args, () => resolve(storage.getStore())),
        ),
    );
    expect(seen).toBe("here");
    fs.closeSync(fd);
  });

  it("leaves what the callback throws to the process", async () => {
    const fd = open();
    const thrown = new Error("thrown");
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const caught = new Promise((resolve) =>
      process.once("uncaughtException", resolve),
    );
    calls[name]!(fd, ...args, () => {
      throw thrown;
    });
    expect(await caught).toBe(thrown);
    for (const other of others) process.on("uncaughtException", other);
    fs.closeSync(fd);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("gets an abort and a deadline as errors", async () => {
    const fd = open();
    setLimits(engine, { maxParallel: 0 });
    const outcome = (options: object): Promise<NodeJS.ErrnoException | null> =>
      new Promise((resolve) => {
        const callback: Callback = (error) => resolve(error);
        calls[name]!(fd, ...args, options, callback);
      });
    const controller = new AbortController();
    const aborted = outcome({ signal: controller.signal });
    const late = outcome({ timeout: 1 });
    controller.abort();
    expect((await aborted)?.name).toBe("AbortError");
    expect((await late)?.code).toBe("ETIMEDOUT");
    expect((await outcome({ signal: controller.signal }))?.name).toBe(
      "AbortError",
    );
    setLimits(engine, {});
    expect(await outcome({ priority: -4 })).toBe(null);
    fs.closeSync(fd);
  });
});

it("moves more than one request carries", async () => {
  const fd = fs.openSync(folder.join("much"), "w+");
  const outcome = (name: string, ...args: unknown[]): Promise<unknown[]> =>
    new Promise((resolve) =>
      calls[name]!(fd, ...args, (...values: unknown[]) => resolve(values)),
    );
  const into = Buffer.alloc(MUCH.length);
  const written = await outcome("write", MUCH);
  expect(written.slice(0, 2)).toEqual([null, MUCH.length]);
  expect(written[2]).toBe(MUCH);
  const got = await outcome("read", into, 0, into.length, 0);
  expect(got.slice(0, 2)).toEqual([null, MUCH.length]);
  expect(got[2]).toBe(into);
  expect(into.equals(MUCH)).toBe(true);
  const halves = [Buffer.alloc(2e6), Buffer.alloc(2e6)];
  expect((await outcome("readv", halves, 0))[1]).toBe(MUCH.length);
  expect(Buffer.concat(halves).subarray(0, MUCH.length).equals(MUCH)).toBe(
    true,
  );
  expect((await outcome("writeFile", MUCH))[0]).toBe(null);
  expect(fs.fstatSync(fd).size).toBe(2 * MUCH.length);
  fs.closeSync(fd);
});
