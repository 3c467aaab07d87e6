// Executors with work of a processor: scrypt and zlib, as Node has them.
import { gunzipSync } from "node:zlib";
import { scryptSync } from "node:crypto";
import { expect, it } from "vitest";
import { executorOf } from "./helpers.ts";

it("scryptSync gives on two threads at once what it gives here", async () => {
  const crypto = executorOf("node:crypto", { threads: 2 });
  const hash = (password: string): Promise<Uint8Array> =>
    crypto.call("scryptSync", [password, "salt", 32]);
  const [one, two] = await Promise.all([hash("one"), hash("two")]);
  expect(Buffer.from(one)).toEqual(scryptSync("one", "salt", 32));
  expect(Buffer.from(two)).toEqual(scryptSync("two", "salt", 32));
});

it("the loop turns while zlib compresses", async () => {
  const zlib = executorOf("node:zlib", { threads: 1 });
  const text = "a line that repeats itself\n".repeat(400_000);
  let turns = 0;
  let compressed: Uint8Array | undefined;
  const compressing = zlib
    .call<Uint8Array>("gzipSync", [text, { level: 9 }])
    .then((bytes) => (compressed = bytes));
  while (compressed === undefined) {
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await compressing;
  expect(turns).toBeGreaterThan(10);
  expect(gunzipSync(compressed).toString()).toBe(text);
});
