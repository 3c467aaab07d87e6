// How long a handle's descriptor lives: closing while requests are at work, closing twice, being
// collected, being given away. What is cancelled must not let the descriptor go too early.
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import fs from "node:fs";
import nodePromises from "node:fs/promises";
import { inspect } from "node:util";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import type { FileHandle } from "../../../src/api/handles/file-handle.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  setLimits,
  turn,
  until,
} from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { openOurs } from "./handles.ts";

const folder = testFolder();
afterAll(closeEngines);

const engine = makeEngine({ maxParallel: 2 });
const open = (name: string, content = "content"): Promise<FileHandle> =>
  openOurs(engine, folder.file(name, content));
const isOpen = (name: string): boolean =>
  descriptorsBelow(folder.path).includes(folder.join(name));

/** Nothing of an engine runs in between. */
async function whilePaused(work: () => Promise<void>): Promise<void> {
  setLimits(engine, { maxParallel: 0 });
  try {
    await work();
  } finally {
    setLimits(engine, { maxParallel: 2 });
  }
}

describe("close", () => {
  it("waits for requests in flight", async () => {
    const handle = await open("busy");
    let reading!: Promise<{ bytesRead: number }>;
    let closing!: Promise<void>;
    await whilePaused(async () => {
      reading = handle.read(Buffer.alloc(4), 0, 4, 0);
      closing = handle.close();
      expect(handle.close()).toBe(closing);
      await turn();
      expect(handle.fd).toBeGreaterThan(2);
    });
    expect((await reading).bytesRead).toBe(4);
    await closing;
    expect(handle.fd).toBe(-1);
    expect(isOpen("busy")).toBe(false);
  });

  it("still takes requests while it waits, as Node's does", async () => {
    const handle = await open("late");
    await whilePaused(async () => {
      const first = handle.read(Buffer.alloc(4), 0, 4, 0);
      const closing = handle.close();
      const second = handle.read(Buffer.alloc(4), 0, 4, 0);
      setLimits(engine, { maxParallel: 2 });
      expect((await first).bytesRead + (await second).bytesRead).toBe(8);
      await closing;
    });
  });

  it("emits close once, and may be called again and unbound", async () => {
    const handle = await open("twice");
    let closings = 0;
    handle.on("close", () => closings++);
    const { close } = handle;
    await Promise.all([close(), close(), handle.close()]);
    await handle.close();
    expect(closings).toBe(1);
  });

  it("happens at the end of a scope", async () => {
    const handle = await open("scope");
    const closed = once(handle, "close");
    await handle[Symbol.asyncDispose]();
    await closed;
    expect(isOpen("scope")).toBe(false);
  });

  it("rejects with EBADF when the descriptor was closed by somebody else", async () => {
    const handle = await open("stolen");
    fs.closeSync(handle.fd);
    await expect(handle.close()).rejects.toMatchObject({
      code: "EBADF",
      syscall: "close",
      message: "EBADF: bad file descriptor, close",
    });
  });

  it("works when the instance was closed before", async () => {
    const other = makeEngine();
    const handle = await openOurs(other, folder.file("orphaned", "x"));
    await other.close();
    await handle.close();
    expect(isOpen("orphaned")).toBe(false);
  });
});

describe("a cancelled request", () => {
  it("keeps the descriptor until the worker lets go", async () => {
    const fifo = folder.join("fifo");
    const { execFileSync } = await import("node:child_process");
    execFileSync("mkfifo", [fifo]);
    const handle = await openOurs(engine, fifo, fs.constants.O_RDWR);
    const controller = new AbortController();
    const reading = handle.read(Buffer.alloc(1), 0, 1, null, {
      signal: controller.signal,
    });
    // A worker is in read() when nothing is ready any more.
    await until(() => engine.nready === 0);
    controller.abort(new Error("why"));
    await expect(reading).rejects.toMatchObject({
      name: "AbortError",
      code: "ABORT_ERR",
    });
    const closing = handle.close();
    await turn();
    expect(handle.fd).toBeGreaterThan(2);
    expect(isOpen("fifo")).toBe(true);
    fs.writeSync(handle.fd, "x");
    await closing;
    expect(isOpen("fifo")).toBe(false);
    expect(leftovers(engine)).toEqual(nothing);
  });

  type Call = (handle: FileHandle, options: object) => Promise<unknown>;
  const calls: Record<string, Call> = {
    read: (handle, options) => handle.read(Buffer.alloc(4), options),
    "read at": (handle, options) =>
      handle.read(Buffer.alloc(4), 0, 4, 0, options),
    "read much": (handle, options) => handle.read(Buffer.alloc(3e6), options),
    readv: (handle, options) => handle.readv([Buffer.alloc(4)], 0, options),
    readFile: (handle, options) => handle.readFile(options),
    write: (handle, options) => handle.write(Buffer.alloc(4), options),
    "write text": (handle, options) => handle.write("text", 0, "utf8", options),
    writev: (handle, options) => handle.writev([Buffer.alloc(4)], 0, options),
    writeFile: (handle, options) => handle.writeFile("text", options),
    appendFile: (handle, options) =>
      handle.appendFile("text", options as never),
    "write chunks": (handle, options) => handle.writeFile(["text"], options),
    stat: (handle, options) => handle.stat(options),
    sync: (handle, options) => handle.sync(options),
    datasync: (handle, options) => handle.datasync(options),
    truncate: (handle, options) => handle.truncate(1, options),
    chmod: (handle, options) => handle.chmod(0o600, options),
    chown: (handle, options) => handle.chown(-1, -1, options),
    utimes: (handle, options) => handle.utimes(1, 1, options),
  };

  it.each(Object.entries(calls))(
    "%s: aborted, late, wrong",
    async (_, call) => {
      const handle = await open("cancelled");
      await whilePaused(async () => {
        const controller = new AbortController();
        const aborted = call(handle, { signal: controller.signal });
        const late = call(handle, { timeout: 1 });
        controller.abort("why");
        await expect(aborted).rejects.toMatchObject({
          name: "AbortError",
          cause: "why",
        });
        await expect(late).rejects.toMatchObject({ code: "ETIMEDOUT" });
        await expect(
          call(handle, { signal: controller.signal }),
        ).rejects.toMatchObject({ name: "AbortError" });
        for (const priority of ["1", 5, 0.5])
          await expect(call(handle, { priority })).rejects.toMatchObject({
            code: expect.stringMatching(
              /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/,
            ) as string,
          });
      });
      await call(handle, { priority: 4 });
      expect(fs.readFileSync(folder.join("cancelled")).length).toBeGreaterThan(
        0,
      );
      await handle.close();
      expect(leftovers(engine)).toEqual(nothing);
    },
  );
});

describe("a handle", () => {
  it("passes for a handle of Node's", async () => {
    const handle = await open("same");
    const node = await nodePromises.open(folder.join("same"));
    try {
      expect(handle).toBeInstanceOf(node.constructor);
      expect(handle.constructor.name).toBe("FileHandle");
      expect(inspect(handle)).toBe(`FileHandle { fd: ${handle.fd} }`);
      const text = fs.createReadStream("", {
        fd: handle as never,
        encoding: "utf8",
      });
      const [chunk] = (await once(text, "data")) as [string];
      expect(chunk).toBe("content");
      await once(text, "close");
      expect(handle.fd).toBe(-1);
      expect(inspect(handle)).toBe("FileHandle { fd: closed }");
    } finally {
      await node.close();
    }
  });

  it("can be transferred to another thread, if it is not in use", async () => {
    const handle = await open("given");
    const { port1, port2 } = new MessageChannel();
    const transfer = [handle as never];
    const using = handle.read();
    expect(() => port1.postMessage(handle, transfer)).toThrow(
      expect.objectContaining({ name: "DataCloneError" }) as Error,
    );
    await using;
    port1.postMessage(handle, transfer);
    expect(handle.fd).toBe(-1);
    await expect(handle.stat()).rejects.toMatchObject({ code: "EBADF" });
    const { message } = receiveMessageOnPort(port2) as {
      message: nodePromises.FileHandle;
    };
    expect(await message.readFile("utf8")).toBe("");
    await message.close();
    port1.close();
  });

  it("keeps the async context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const handle = await open("context");
    await storage.run("here", async () => {
      await handle.read(Buffer.alloc(4), 0, 4, 0);
      expect(storage.getStore()).toBe("here");
      await handle.close();
      expect(storage.getStore()).toBe("here");
    });
  });
});
