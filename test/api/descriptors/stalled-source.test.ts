// Data that comes in pieces, from somebody who gives none any more: a call that is over ends all the same, at once, and what is given
// later is written nowhere.
import fs from "node:fs";
import { Readable } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { until } from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const eio = createEio();
afterAll(() => eio.close());
const { promises } = eio;

type Chunks = AsyncIterable<string>;
type Ends = { signal?: AbortSignal; timeout?: number };

const calls: Record<
  string,
  (file: string, data: Chunks, ends: Ends) => Promise<unknown>
> = {
  writeFile: (file, data, ends) => promises.writeFile(file, data, ends),
  appendFile: (file, data, ends) =>
    promises.appendFile(file, data as never, ends),
  async "writeFile of a handle"(file, data, ends) {
    await using handle = await promises.open(file, "w");
    await handle.writeFile(data as never, ends);
  },
  writeFileAtomic: (file, data, ends) => eio.writeFileAtomic(file, data, ends),
};

/** Gives one chunk, calls, and gives another one when it is released. */
function stalling(stalls: () => void) {
  let release = (): void => {};
  let leave = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const left = new Promise<void>((resolve) => (leave = resolve));
  async function* chunks(): AsyncGenerator<string> {
    try {
      yield "first";
      stalls();
      await released;
      yield "second";
    } finally {
      leave();
    }
  }
  return { chunks: chunks(), release, left };
}

describe.each(Object.entries(calls))(
  "%s from a stalled source",
  (name, call) => {
    const written = name === "writeFileAtomic" ? [] : ["first"];
    const textsBelow = (file: string): string[] =>
      fs
        .readdirSync(file)
        .map((one) => fs.readFileSync(`${file}/${one}`, "utf8"));

    it("rejects when its signal aborts, and writes nothing more", async () => {
      const file = folder.join(`${name} aborted`);
      fs.mkdirSync(file);
      const controller = new AbortController();
      const source = stalling(() => controller.abort());
      const { signal } = controller;
      await expect(
        call(`${file}/log`, source.chunks, { signal }),
      ).rejects.toMatchObject({ name: "AbortError" });
      expect(descriptorsBelow(file)).toEqual([]);
      source.release();
      await source.left;
      expect(textsBelow(file)).toEqual(written);
    });

    it("rejects at its deadline", async () => {
      const file = folder.join(`${name} late`);
      fs.mkdirSync(file);
      const { chunks } = stalling(() => {});
      await expect(
        call(`${file}/log`, chunks, { timeout: 300 }),
      ).rejects.toMatchObject({ code: "ETIMEDOUT" });
      expect(descriptorsBelow(file)).toEqual([]);
    });

    it("destroys a stream that gives nothing more", async () => {
      const file = folder.join(`${name} stream`);
      fs.mkdirSync(file);
      const controller = new AbortController();
      let hasGiven = false;
      const stream = new Readable({
        read() {
          if (!hasGiven) this.push("first");
          hasGiven = true;
        },
      });
      const { signal } = controller;
      const calling = call(`${file}/log`, stream, { signal });
      await until(() => textsBelow(file).includes("first"));
      // By now it waits for the next chunk.
      await until(() => eio.stats().requests === 0);
      controller.abort();
      await expect(calling).rejects.toMatchObject({ name: "AbortError" });
      expect(stream.destroyed).toBe(true);
    });
  },
);

it("what only looks like a signal is no obstacle", async () => {
  const file = folder.join("signal");
  const signal = { aborted: false } as AbortSignal;
  await promises.writeFile(file, ["first", "second"], { signal });
  expect(fs.readFileSync(file, "utf8")).toBe("firstsecond");
});
