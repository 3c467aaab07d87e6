// What is used after its end says what happened where: the errors of closed instances and executors have the stack of the close(), and those of
// closed handles and folders have it where handles are tracked, and else say how to get it.
import { afterEach, expect, it, vi } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { EioOptions } from "../../src/api/instance/options.ts";

let eio: Eio;
afterEach(() => eio.close());

function hereItIsClosed(closing: { close(): Promise<void> }): Promise<void> {
  return closing.close();
}

const failureOf = async (call: Promise<unknown>): Promise<Error> =>
  await call.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );

it.each<[form: string, call: () => Promise<unknown>]>([
  ["promises", () => eio.promises.stat("/")],
  [
    "callbacks",
    () =>
      new Promise((resolve, reject) => {
        eio.fs.stat("/", (error) => (error ? reject(error) : resolve(null)));
      }),
  ],
  ["a batch", () => eio.statMany(["/"])],
])("a closed instance says where it was closed (%s)", async (_form, call) => {
  eio = createEio({ maxParallel: 1 });
  await hereItIsClosed(eio);
  await eio.close(); // the first one counts
  const error = await failureOf((async () => await call())());
  expect(error).toMatchObject({
    code: "ERR_EIO_CLOSED",
    message: expect.stringContaining("Is an await missing") as string,
    cause: { message: "close() was called here" },
  });
  const { stack } = error.cause as Error;
  expect(stack).toContain("hereItIsClosed");
  expect(stack).not.toContain("src/engine");
});

const used = async (options: EioOptions): Promise<Error> => {
  eio = createEio({ maxParallel: 1, ...options });
  const handle = await eio.promises.open("/dev/null");
  await hereItIsClosed(handle);
  return failureOf(handle.read(Buffer.alloc(1)));
};

it("a closed handle says where it was closed, if handles are tracked", async () => {
  const error = await used({ trackHandles: true });
  expect(error).toMatchObject({ code: "EBADF", message: "file closed" });
  const { message, stack } = error.cause as Error;
  expect(message).toBe("The FileHandle was closed here");
  expect(stack).toContain("hereItIsClosed");
  expect(stack).not.toContain("src/api/handles");
});

it("a closed handle says what Node says, and how to see where, if they are not", async () => {
  const error = await used({});
  expect(error).toMatchObject({ code: "EBADF", message: "file closed" });
  expect(Object.keys(error).toSorted()).toEqual(["code", "syscall"]);
  const { message, stack } = error.cause as Error;
  expect(message).toContain("NODE_EIO_TRACK_HANDLES=1");
  expect(message).toContain("trackHandles: true");
  expect(stack).toBe(`Error: ${message}`);
});

it("a close keeps no stack, if handles are not tracked", async () => {
  eio = createEio({ maxParallel: 1 });
  const handle = await eio.promises.open("/dev/null");
  const kept = vi.spyOn(Error, "captureStackTrace");
  await handle.close();
  const count = kept.mock.calls.length;
  kept.mockRestore();
  expect(count).toBe(0);
});

it.each([true, false])(
  "a closed working directory says where it was closed, or how to see it (trackHandles: %s)",
  async (trackHandles) => {
    eio = createEio({ maxParallel: 1, trackHandles });
    const wd = await eio.wd("/");
    await hereItIsClosed(wd);
    const error = await failureOf(wd.promises.stat("dev"));
    expect(error).toMatchObject({
      code: "ERR_EIO_WD_CLOSED",
      message: expect.stringContaining("Is an await missing") as string,
    });
    const { stack } = error.cause as Error;
    expect(stack).toContain(
      trackHandles ? "hereItIsClosed" : "NODE_EIO_TRACK_HANDLES=1",
    );
  },
);

it("a closed executor says where it was closed", async () => {
  eio = createEio({ maxParallel: 1 });
  const module = new URL("executor/functions.mjs", import.meta.url);
  const executor = eio.executor(module);
  await hereItIsClosed(executor);
  await executor.close(); // the first one counts
  const error = await failureOf(executor.call("id"));
  expect(error).toMatchObject({
    code: "ERR_EIO_EXECUTOR_CLOSED",
    message: expect.stringContaining("Is an await missing") as string,
    cause: { message: "close() was called here" },
  });
  const { stack } = error.cause as Error;
  expect(stack).toContain("hereItIsClosed");
  expect(stack).not.toContain("src/api/executor");
});

it("a group that is closed says what is missing", async () => {
  eio = createEio({ maxParallel: 1 });
  const group = eio.group();
  await hereItIsClosed(group);
  expect(await failureOf(group.promises.stat("/"))).toMatchObject({
    code: "ERR_EIO_GROUP_CLOSED",
    message: expect.stringContaining("Is an await missing") as string,
  });
});
