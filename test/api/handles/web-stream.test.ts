// A handle as web stream, as lines and as Node's streams: the same bytes, and the handle closed
// when its user said so.
import fs from "node:fs";
import nodePromises from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { openOurs } from "./handles.ts";

const folder = testFolder();
const engine = makeEngine();
afterAll(closeEngines);

const file = folder.file("file", "line 1\nline 2\r\n".repeat(9000));
const content = fs.readFileSync(file);

/** From 22.15 on, where the stream is always one of bytes. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const checksOptions = major >= 24 || (major === 22 && minor >= 15);

async function all(
  stream: unknown,
): Promise<{ kinds: string[]; data: Buffer }> {
  const kinds = new Set<string>();
  const parts: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    kinds.add(chunk.constructor.name);
    parts.push(Buffer.from(chunk));
  }
  return { kinds: [...kinds], data: Buffer.concat(parts) };
}

describe("readableWebStream", () => {
  it.each([{}, { type: "bytes" as const }])(
    "%o has all bytes",
    async (options) => {
      const ours = await openOurs(engine, file, "r");
      const node = await nodePromises.open(file);
      const own = await all(ours.readableWebStream(options));
      const theirs = await all(node.readableWebStream(options));
      expect(own.kinds).toEqual(theirs.kinds);
      expect(own.data.equals(content)).toBe(true);
      expect(ours.fd).toBeGreaterThan(2);
      await Promise.all([ours.close(), node.close()]);
    },
  );

  it("closes the handle with autoClose", async () => {
    const handle = await openOurs(engine, file, "r");
    await all(handle.readableWebStream({ autoClose: true }));
    expect(handle.fd).toBe(-1);
    const cancelled = await openOurs(engine, file, "r");
    await cancelled
      .readableWebStream({ type: "bytes", autoClose: true })
      .cancel();
    expect(cancelled.fd).toBe(-1);
  });

  it.each([{}, { type: "bytes" as const }])(
    "%o ends when the handle is closed",
    async (options) => {
      const handle = await openOurs(engine, file, "r");
      const reader = handle.readableWebStream(options).getReader();
      expect((await reader.read()).done).toBe(false);
      const last = reader.read();
      await handle.close();
      await last;
      while (!(await reader.read()).done);
    },
  );

  it("fills a reader's own memory", async () => {
    const handle = await openOurs(engine, file, "r");
    const stream = handle.readableWebStream({ type: "bytes" });
    const reader = stream.getReader({ mode: "byob" });
    const { value } = await reader.read(
      new Uint8Array(new ArrayBuffer(20), 3, 9),
    );
    expect(Buffer.from(value!).toString()).toBe("line 1\nli");
    await handle.close();
  });

  it.runIf(checksOptions)(
    "refuses options that are none, as Node does",
    async () => {
      for (const options of ["x", 5, null, [], () => {}]) {
        const refusals = await Promise.all(
          [
            await openOurs(engine, file, "r"),
            await nodePromises.open(file),
          ].map(async (handle) => {
            try {
              return handle.readableWebStream(options as never);
            } catch (error) {
              await handle.close();
              const { name, code, message } = error as NodeJS.ErrnoException;
              return { name, code, message };
            }
          }),
        );
        expect(refusals[0]).toEqual(refusals[1]);
      }
    },
  );

  it.runIf(!checksOptions)("refuses a type that is no text", async () => {
    const handle = await openOurs(engine, file, "r");
    expect(() => handle.readableWebStream({ type: 5 as never })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }) as Error,
    );
    await handle.close();
  });

  it("is refused a second time, and for a closed handle", async () => {
    const handle = await openOurs(engine, file, "r");
    await handle.close();
    expect(() => handle.readableWebStream()).toThrow(
      "Invalid state: The FileHandle is closed",
    );
    const other = await openOurs(engine, file, "r");
    const stream = other.readableWebStream();
    expect(() => other.readableWebStream()).toThrow(
      "Invalid state: The FileHandle is locked",
    );
    await stream.cancel();
    await other.close();
  });
});

it("readLines yields the lines and closes the handle", async () => {
  const handle = await openOurs(engine, file, "r");
  const lines = [];
  for await (const line of handle.readLines()) lines.push(line);
  expect(lines.length).toBe(18000);
  expect(lines.at(-1)).toBe("line 2");
  expect(handle.fd).toBe(-1);
});
