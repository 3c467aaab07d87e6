// Functions that a program puts over those of its fs (mocks, stubs, patches): the streams of node:fs call them, and so do
// those of our object. Every case runs on both.
import { once } from "node:events";
import nodeFs from "node:fs";
import { mock } from "node:test";
import { afterAll, describe, expect, it } from "vitest";
import { callbackApi } from "../../../src/api/callbacks/callback-api.ts";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const engine = makeEngine();
afterAll(closeEngines);

const makeOurs = (): typeof nodeFs =>
  callbackApi(() => engine, {}) as unknown as typeof nodeFs;

const subjects = [
  ["node:fs", nodeFs],
  ["ours", makeOurs()],
] as const;

const names = ["open", "close", "read", "write", "writev", "fsync"] as const;

/** Which functions a run called through mocks that pass on to those that they replace, and on which object. */
async function callsOf(
  fs: typeof nodeFs,
  run: () => Promise<unknown>,
): Promise<string[]> {
  const calls: string[] = [];
  const mocks = names.map((name) => {
    const before = fs[name] as (...args: unknown[]) => unknown;
    return mock.method(fs, name, function (this: unknown, ...args: unknown[]) {
      calls.push(`${name} ${args.length}${this === fs ? "" : " elsewhere"}`);
      return before.apply(this, args);
    } as never);
  });
  try {
    await run();
  } finally {
    for (const { mock } of mocks) mock.restore();
  }
  return calls;
}

describe.each(subjects)("the streams of %s", (_name, fs) => {
  const file = folder.file("text", "some text");
  const read = async (options?: object): Promise<unknown> =>
    once(fs.createReadStream(file, options as never).resume(), "close");
  const write = async (options?: object): Promise<unknown> => {
    const stream = fs.createWriteStream(folder.join("made"), options as never);
    stream.cork();
    stream.write("some ");
    stream.write("text");
    stream.uncork();
    return once(stream.end(), "close");
  };

  it("call what is put over open, read and close", async () => {
    const calls = ["open 4", "read 6", "read 6", "close 2"];
    expect(await callsOf(fs, () => read())).toEqual(calls);
    expect(await callsOf(fs, () => read({ start: 1 }))).toEqual(calls);
  });

  it("call what is put over open, writev, fsync and close", async () => {
    expect(await callsOf(fs, () => write({ flush: true }))).toEqual([
      ...["open 4", "writev 4", "fsync 2", "close 2"],
    ]);
  });

  it("call nothing of it when it is put back", async () => {
    expect(await callsOf(fs, () => Promise.resolve())).toEqual([]);
    const { open } = fs;
    let opened = 0;
    fs.open = ((...args: Parameters<typeof open>) => {
      opened++;
      open(...args);
    }) as never;
    await read();
    fs.open = open;
    await read();
    expect(opened).toBe(1);
  });

  it("fail with the error of what is put over open", async () => {
    const failing = mock.method(fs, "open", ((...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      process.nextTick(done, new Error("mocked"));
    }) as never);
    try {
      await expect(read()).rejects.toThrow("mocked");
      await expect(write()).rejects.toThrow("mocked");
    } finally {
      failing.mock.restore();
    }
  });

  it("call what is put over read in the middle of a file, also while they read ahead", async () => {
    const large = folder.file("large", "x".repeat(1 << 20));
    const stream = fs.createReadStream(large);
    let bytes = 0;
    let reads = 0;
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length;
      if (reads > 0 || bytes < 3 << 16) continue;
      const before = fs.read as (...args: unknown[]) => unknown;
      mock.method(fs, "read", ((...args: unknown[]) => {
        reads++;
        return before(...args);
      }) as never);
    }
    mock.restoreAll();
    expect(bytes).toBe(1 << 20);
    expect(reads).toBeGreaterThan(1);
  });
});
