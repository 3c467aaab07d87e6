// What the stack of an error shows: the caller's own frames, and of ours at most one that names the call. Node's callbacks
// have no frames, its promises that one and those of the async functions that wait. (vitest formats stacks without "async".)
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import promises from "node:fs/promises";
import { afterAll, afterEach, expect, it } from "vitest";
import { callbackApi } from "../../src/api/callbacks/callback-api.ts";
import { createEio, type Eio } from "../../src/api/create.ts";
import { promiseApi } from "../../src/api/promises/promise-api.ts";
import { closeEngines, makeEngine } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";

const engine = makeEngine();
afterAll(closeEngines);
const folder = testFolder();
const none = folder.join("none");
const below = folder.join("none/below");
const file = folder.file("file", Buffer.alloc(10));
const large = Buffer.alloc(3 << 20);

const ours = promiseApi(() => engine) as unknown as typeof promises;
const oursCalled = callbackApi(() => engine, {}) as unknown as typeof fs;

const lines = (error: Error): string[] => error.stack!.split("\n");

/** Of an async function that waits for the call, and of who waits for that. */
async function waiter(call: () => Promise<unknown>): Promise<unknown> {
  return await call();
}
async function failure(call: () => Promise<unknown>): Promise<Error> {
  try {
    await waiter(call);
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

type Call = (api: typeof promises) => Promise<unknown>;

const onHandle =
  (
    flags: string,
    use: (handle: promises.FileHandle) => Promise<unknown>,
  ): Call =>
  async (api) => {
    const handle = await api.open(flags === "r" ? file : folder.path, "r");
    return use(handle).finally(() => handle.close());
  };

it.each<[string, Call]>([
  ["stat", (api) => api.stat(none)],
  ["open", (api) => api.open(none)],
  ["readFile", (api) => api.readFile(none)],
  ["readdir", (api) => api.readdir(none)],
  ["rename", (api) => api.rename(none, file)],
  ["mkdir", (api) => api.mkdir(below)],
  ["rm", (api) => api.rm(none)],
  ["rm of a folder", (api) => api.rm(folder.path)],
  ["cp", (api) => api.cp(none, below)],
  ["writeFile", (api) => api.writeFile(below, "text")],
  ["writeFile of much", (api) => api.writeFile(below, large)],
  ["appendFile", (api) => api.appendFile(below, "text")],
])("a rejection shows who awaits it: %s", async (name, call) => {
  const error = await failure(() => call(ours));
  const theirs = await failure(() => call(promises));
  const code = /(?<=^SystemError) \[\w+\]/; // which vitest leaves out
  expect(lines(error)[0]!.replace(code, "")).toBe(lines(theirs)[0]);
  const [first, ...others] = theirsAndCall(error, name.split(" ")[0]!);
  expect(first).toMatch(/at (?:async )?waiter /);
  expect(others[0]).toMatch(/at (?:async )?failure /);
  expect(others.join("\n")).not.toContain("/src/");
});

/** Frames but for one that names the call, as Node's do: "at async Object.access". */
function theirsAndCall(error: Error, name: string): string[] {
  const [, first = "", ...others] = lines(error);
  const named = new RegExp(`at (?:async )?(?:Object\\.)?${name} `).test(first);
  return named ? others : [first, ...others];
}

it.each<[string, Call]>([
  ["read", onHandle("folder", (handle) => handle.read(Buffer.alloc(3)))],
  ["read of much", onHandle("folder", (handle) => handle.read(large))],
  ["readv", onHandle("folder", (handle) => handle.readv([large, large]))],
  ["readFile", onHandle("folder", (handle) => handle.readFile())],
  ["write", onHandle("r", (handle) => handle.write("text"))],
  ["writev", onHandle("r", (handle) => handle.writev([large, large]))],
  ["writeFile", onHandle("r", (handle) => handle.writeFile("text"))],
  ["truncate", onHandle("r", (handle) => handle.truncate(1))],
])("a handle's rejection shows nothing of ours: %s", async (_name, call) => {
  const error = await failure(() => call(ours));
  const theirs = await failure(() => call(promises));
  expect(lines(error)[0]).toBe(lines(theirs)[0]);
  expect(error.stack).toMatch(/at (?:async )?waiter /);
  expect(error.stack).not.toContain("/src/");
});

type Called = (api: typeof fs, done: (error: Error | null) => void) => void;

const calledBack: [string, Called][] = [
  ["stat", (api, done) => api.stat(none, done)],
  ["readFile", (api, done) => api.readFile(none, done)],
  ["writeFile", (api, done) => api.writeFile(below, "text", done)],
  ["writeFile of much", (api, done) => api.writeFile(below, large, done)],
  ["cp", (api, done) => api.cp(none, below, done)],
  ["opendir", (api, done) => api.opendir(none, done)],
  [
    "readv",
    (api, done) => {
      const fd = fs.openSync(folder.path, "r");
      api.readv(fd, [Buffer.alloc(1), Buffer.alloc(1)], (error) => {
        fs.closeSync(fd);
        done(error);
      });
    },
  ],
  [
    "a stream",
    (api, done) => void api.createReadStream(none).on("error", done),
  ],
];

const ended = (call: Called, api: typeof fs): Promise<Error> =>
  new Promise((resolve) => call(api, (error) => resolve(error!)));

it.each(calledBack)("a callback's error has no frames: %s", async (_, call) => {
  const error = await ended(call, oursCalled);
  expect(lines(error)).toEqual([`Error: ${error.message}`]);
  expect(error.stack).toBe(lines(await ended(call, fs))[0]);
});

/** Those behind Node's own. */
const frames = (error: Error): string[] =>
  lines(error)
    .filter((line) => line.startsWith("    at "))
    .filter((line) => !line.includes("(node:") && !line.includes("at node:"));

const wrong = 5n as never;
const openFile = (api: typeof promises): Promise<promises.FileHandle> =>
  api.open(file, "r");

it.each<[string, Call]>([
  ["stat", (api) => api.stat(wrong)],
  ["open", (api) => api.open(wrong)],
  ["readFile", (api) => api.readFile(wrong)],
  ["writeFile", (api) => api.writeFile(wrong, "")],
  ["writeFile of what is no data", (api) => api.writeFile(file, wrong)],
  ["appendFile", (api) => api.appendFile(wrong, "")],
  ["readdir", (api) => api.readdir(wrong)],
  ["opendir", (api) => api.opendir(wrong)],
  ["mkdir", (api) => api.mkdir(wrong)],
  ["rm", (api) => api.rm(wrong)],
  ["cp", (api) => api.cp(wrong, file)],
  ["rename", (api) => api.rename(file, wrong)],
  ["chmod", (api) => api.chmod(file, wrong)],
])("a refused argument shows the caller first: %s", async (_, call) => {
  const error = await failure(() => call(ours));
  const theirs = await failure(() => call(promises));
  expect(error.message).toBe(theirs.message);
  expect(error.stack).not.toContain("/src/");
  expect(frames(error)[0]).toBe(frames(theirs)[0]);
});

it.each<[string, (handle: promises.FileHandle) => unknown]>([
  ["read", (handle) => handle.read(wrong)],
  ["write", (handle) => handle.write(wrong)],
  ["readv", (handle) => handle.readv(wrong)],
  ["writeFile", (handle) => handle.writeFile(wrong)],
  ["truncate", (handle) => handle.truncate(wrong)],
  ["chmod", (handle) => handle.chmod(wrong)],
])("a handle's refusal shows nothing of ours: %s", async (_name, use) => {
  const handle = await openFile(ours);
  const theirs = await openFile(promises);
  const ofNode = await failure(async () => use(theirs));
  const error = await failure(async () => use(handle));
  expect(error).toMatchObject({ code: (ofNode as NodeJS.ErrnoException).code });
  expect(error.stack).toMatch(/at (?:async )?waiter /);
  expect(error.stack).not.toContain("/src/");
  await Promise.all([handle.close(), theirs.close()]);
  const closed = await failure(async () => use(handle));
  expect(closed.stack).not.toContain("/src/");
});

it("a stream's refusal shows none of our frames", async () => {
  const options = { start: wrong };
  const error = await failure(async () =>
    oursCalled.createReadStream(file, options),
  );
  expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  expect(error.stack).not.toContain("/src/");
  await using handle = await openFile(ours);
  const ofHandle = await failure(async () => handle.createReadStream(options));
  expect(ofHandle).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  expect(ofHandle.stack).not.toContain("/src/");
});

const refusedHere: [string, (eio: Eio) => unknown][] = [
  ["createEio", () => createEio({ maxParallel: -1 })],
  ["setLimits", (eio) => eio.setLimits({ maxParallel: -1 })],
  ["a lane", (eio) => eio.promises.stat(file, { lane: "none" } as never)],
  ["a timeout", (eio) => eio.promises.stat(file, { timeout: -1 } as never)],
  ["open", (eio) => eio.promises.open(file, "r", 0, { lane: "none" } as never)],
  ["openDirect", (eio) => eio.openDirect(wrong)],
  ["writeFileAtomic", (eio) => eio.writeFileAtomic(wrong, "")],
  ["alloc", (eio) => eio.alloc("x" as never)],
  ["wd", (eio) => eio.wd(wrong)],
  ["group", (eio) => eio.group({ timeout: -1 })],
  ["map", (eio) => eio.group().map(wrong, () => 1)],
  ["sys", (eio) => eio.sys.statx(wrong)],
  [
    "a closed group",
    async (eio) => {
      const group = eio.group();
      await group.close();
      await group.promises.stat(file);
    },
  ],
  [
    "a closed folder",
    async (eio) => {
      const wd = await eio.wd(folder.path);
      await wd.close();
      await wd.promises.readFile("file");
    },
  ],
  [
    "a closed instance",
    async () => {
      const eio = createEio({ backend: "pool" });
      await eio.close();
      await eio.promises.readdir(folder.path);
    },
  ],
];

it.each(refusedHere)("misuse shows none of our frames: %s", async (_, use) => {
  await using eio = createEio({ backend: "pool" });
  const error = await failure(async () => use(eio));
  expect(error).toHaveProperty("code");
  expect(frames(error)[0]).toContain("stacks.test.ts");
  expect(error.stack).not.toContain("/src/");
});

it("our frames take none of the caller's room", async () => {
  Error.stackTraceLimit = 2;
  const misused = await failure(async () => createEio({ maxParallel: -1 }));
  expect(frames(misused)).toHaveLength(2);
  expect(Error.stackTraceLimit).toBe(2);
});

it("a stack that the program made itself stays as it is", async () => {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = () => 7;
  try {
    const error = await failure(async () => createEio({ maxParallel: -1 }));
    expect(error.stack).toBe(7);
  } finally {
    Error.prepareStackTrace = prepare;
  }
});

it("a rejection between callbacks shows who awaits it, and the call", () => {
  const door = path.resolve("dist/fs.cjs");
  const program = `
    const fs = require(${JSON.stringify(door)});
    for (let i = 0; i < 5; i++) fs.access("/none", () => {});
    async function waits() {
      await fs.promises.stat("/none").catch((error) => console.log(error.stack));
      try { await fs.promises.stat("/none") } catch (error) { console.log(error.stack) }
    }
    for (let i = 0; i < 5; i++) waits();`;
  const text = execFileSync(process.execPath, ["-e", program], {
    encoding: "utf8",
  });
  const shown = [...text.matchAll(/^ {4}at (.*) \(?.*$/gm)].map(([, at]) => at);
  expect(new Set(shown)).toEqual(new Set(["async Object.stat", "async waits"]));
  expect(shown.filter((at) => at === "async Object.stat")).toHaveLength(10);
});

const descriptor = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")!;
afterEach(() => Object.defineProperty(Error, "stackTraceLimit", descriptor));

it("the limit of frames stays what it was", async () => {
  Error.stackTraceLimit = 7;
  await ended(calledBack[0]![1], oursCalled);
  await failure(() => ours.stat(none));
  expect(Error.stackTraceLimit).toBe(7);
});

it("a limit of frames that is read-only is respected", async () => {
  Object.defineProperty(Error, "stackTraceLimit", {
    value: 10,
    writable: false,
  });
  const error = await ended(calledBack[0]![1], oursCalled);
  expect(lines(error)).toEqual([`Error: ${error.message}`]);
  const rejected = await failure(() => ours.stat(none));
  const [first] = theirsAndCall(rejected, "stat");
  expect(first).toMatch(/at (?:async )?waiter /);
});

it("what is thrown for wrong arguments begins with the frames of the caller", () => {
  function caller(): void {
    oursCalled.stat(5 as never, () => {});
  }
  try {
    caller();
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(lines(error as Error)[1]).toMatch(/at caller /);
  }
  const wrong = { timeout: -1 } as never;
  try {
    oursCalled.stat(none, wrong, () => {});
    expect.unreachable();
  } catch (error) {
    expect(lines(error as Error)[1]).toContain("stacks.test.ts");
  }
});
