// What is used after its end says what happened where: the error of a closed instance has the stack of its close(), and that of a closed handle
// where handles are tracked.
import { afterEach, expect, it } from "vitest";
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

it("a closed handle says what Node says, if they are not", async () => {
  const error = await used({});
  expect(error).toMatchObject({ code: "EBADF", message: "file closed" });
  expect("cause" in error).toBe(false);
});
