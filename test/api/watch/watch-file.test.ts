// watchFile and unwatchFile beside Node's: the same events for the same changes, the same watchers, and no write that
// comes before the first look.
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import nodeFs, { type BigIntStats, type Stats } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";

const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), "eio-watch-"));
const eio = createEio({ backend: "pool" });
afterAll(async () => {
  await eio.close();
  nodeFs.rmSync(folder, { recursive: true });
});

type Watching = Pick<typeof nodeFs, "watchFile" | "unwatchFile">;
const ours = eio.fs as Watching;
const both: [string, Watching][] = [
  ["ours", ours],
  ["node:fs", nodeFs],
];

let files = 0;
const newFile = (): string => path.join(folder, `file-${files++}`);

/** Puts a file in a place at once, as an editor does. */
function put(file: string, content: string): void {
  nodeFs.writeFileSync(`${file}.new`, content);
  nodeFs.renameSync(`${file}.new`, file);
}

type Times = Record<"atimeMs" | "atimeNs" | "atime", unknown>;
const but = (stats: Stats | BigIntStats | undefined): object => {
  const { atimeMs, atimeNs, atime, ...rest } = { ...stats } as unknown as Times;
  void [atimeMs, atimeNs, atime];
  return rest;
};

/** One step after the other, each when the change before it was reported. */
async function follow(fs: Watching, bigint: boolean): Promise<unknown[]> {
  const file = newFile();
  const seen: unknown[] = [];
  const watcher = fs.watchFile(
    file,
    { interval: 2, bigint: bigint as false },
    () => {},
  );
  const steps: [string, () => void][] = [
    ["missing", () => {}],
    ["created", () => put(file, "1")],
    ["appended", () => nodeFs.appendFileSync(file, "2")],
    ["mode", () => nodeFs.chmodSync(file, 0o600)],
    ["replaced", () => put(file, "12")],
    ["deleted", () => nodeFs.unlinkSync(file)],
    ["created again", () => put(file, "12345")],
  ];
  for (const [name, change] of steps) {
    const event = once(watcher, "change") as Promise<[Stats, Stats]>;
    change();
    const [current, previous] = await event;
    const there = nodeFs.statSync(file, { bigint, throwIfNoEntry: false });
    if (there === undefined) expect(Number(current.mtimeMs)).toBe(0);
    else expect(but(current)).toEqual(but(there));
    seen.push([
      name,
      [current.size, current.nlink, current.isFile()],
      [previous.size, previous.nlink, previous.isFile()],
      [Object.keys(current), Object.keys(previous)],
      Object.getPrototypeOf(current) ===
        Object.getPrototypeOf(nodeFs.statSync(folder, { bigint })),
    ]);
  }
  const stop = once(watcher, "stop");
  fs.unwatchFile(file);
  await stop;
  return seen;
}

describe("watchFile", () => {
  it.each([false, true])(
    "reports the changes that Node's reports, with bigint %s",
    async (bigint) => {
      const seen = await follow(ours, bigint);
      expect(seen).toHaveLength(7);
      expect(seen).toEqual(await follow(nodeFs, bigint));
    },
  );

  it("reports what was written after it, though libuv's threads are busy", async () => {
    const file = newFile();
    nodeFs.writeFileSync(file, "");
    const fifos = Array.from({ length: 4 }, () => `${newFile()}-fifo`);
    execFileSync("mkfifo", fifos);
    const door = pathToFileURL(path.resolve("dist/fs.js")).href;
    const program = `
      import nodeFs from "node:fs";
      import { once } from "node:events";
      import fs from ${JSON.stringify(door)};
      const [file, ...fifos] = ${JSON.stringify([file, ...fifos])};
      const opened = fifos.map((fifo) => nodeFs.promises.open(fifo, "r"));
      const watcher = fs.watchFile(file, { interval: 5 }, () => {});
      const change = once(watcher, "change");
      await fs.promises.writeFile(file, "1");
      const writers = fifos.map((fifo) => nodeFs.openSync(fifo, nodeFs.constants.O_RDWR));
      for (const handle of await Promise.all(opened)) await handle.close();
      writers.forEach(nodeFs.closeSync);
      await nodeFs.promises.stat(file);
      await fs.promises.writeFile(file, "123");
      const [, previous] = await change;
      console.log(previous.size);
      fs.unwatchFile(file);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", program],
      { env: { ...process.env, UV_THREADPOOL_SIZE: "4" } },
    );
    expect(stdout).toBe("0\n");
  });

  it.each(both)("has one watcher for each file, with %s", async (_name, fs) => {
    const file = newFile();
    const url = pathToFileURL(file);
    const [one, other] = [(): void => {}, (): void => {}];
    const watcher = fs.watchFile(file, one);
    expect(fs.watchFile(url, { interval: 7 }, other)).toBe(watcher);
    expect(watcher.listenerCount("change")).toBe(2);
    fs.unwatchFile(file, other);
    fs.unwatchFile(file, () => {});
    expect(watcher.listenerCount("change")).toBe(1);
    const stop = once(watcher, "stop");
    fs.unwatchFile(url, one);
    await stop;
    const next = fs.watchFile(file, one);
    expect(next).not.toBe(watcher);
    fs.unwatchFile(file);
  });

  it.each(both)("counts refs, with %s", (_name, fs) => {
    const file = newFile();
    const watcher = fs.watchFile(file, () => {});
    type Handle = { hasRef(): boolean };
    const isRef = (): boolean =>
      (watcher as unknown as { _handle: Handle })._handle.hasRef();
    const states = [isRef()];
    expect(watcher.unref()).toBe(watcher);
    states.push(isRef());
    watcher.unref();
    expect(watcher.ref()).toBe(watcher);
    states.push(isRef());
    watcher.ref();
    watcher.unref();
    states.push(isRef());
    fs.watchFile(file, () => {});
    watcher.ref();
    states.push(isRef());
    fs.unwatchFile(file);
    (watcher as unknown as { stop(): void }).stop();
    expect(states).toEqual([true, false, true, false, false]);
    const quiet = fs.watchFile(file, { persistent: false }, () => {});
    const { _handle: handle } = quiet as unknown as { _handle: Handle };
    expect(handle.hasRef()).toBe(false);
    fs.unwatchFile(file);
  });

  const wrong: [string, unknown[]][] = [
    ["no file", [1, () => {}]],
    ["a file with a zero", ["a\0b", () => {}]],
    ["no listener", ["file"]],
    ["an interval that is none", ["file", { interval: -1 }, () => {}]],
    ["an interval in words", ["file", { interval: "soon" }, () => {}]],
  ];
  it.each(wrong)("refuses %s as Node does", (_name, args) => {
    const refused = (fs: Watching): unknown => {
      try {
        (fs.watchFile as (...args: unknown[]) => unknown)(...args);
        return null;
      } catch (error) {
        const { name, code, message } = error as NodeJS.ErrnoException;
        return { name, code, message };
      }
    };
    expect(refused(ours)).not.toBeNull();
    expect(refused(ours)).toEqual(refused(nodeFs));
  });

  it("has watchers of Node's shape", () => {
    const shapes = both.map(([, fs]) => {
      const file = newFile();
      const watcher = fs.watchFile(file, () => {});
      fs.unwatchFile(file);
      const prototype = Object.getPrototypeOf(watcher) as object;
      return {
        name: watcher.constructor.name,
        methods: ["ref", "start", "stop", "unref"].map(
          (name) => typeof (prototype as Record<string, unknown>)[name],
        ),
        handle: (watcher as unknown as { _handle: unknown })._handle,
      };
    });
    expect(shapes[0]).toEqual(shapes[1]);
  });

  it("stops what was watched with Node's function before", async () => {
    const file = newFile();
    const watcher = nodeFs.watchFile(file, () => {});
    const stop = once(watcher, "stop");
    ours.unwatchFile(file);
    await stop;
    expect(watcher.listenerCount("change")).toBe(0);
  });
});
