// Results that go wrong: errors whose details do not fit a slot, buffers that are gone when their bytes
// arrive. Each affects its own request only; the loop goes on.
import fs from "node:fs";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { errorOf } from "../../src/api/submit.ts";
import { errnoOf } from "../../src/request/errors.ts";
import { Special } from "../../src/request/layout.ts";
import {
  callRogue,
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  prepare,
  result,
  send,
} from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const fd = fs.openSync(folder.file("file", Buffer.alloc(10_000, 7)), "r");
afterAll(() => fs.closeSync(fd));
afterEach(closeEngines);

describe("the details of a failure", () => {
  it.each([
    ["control characters", "\u0001".repeat(250)],
    ["bytes that are no UTF-8", Buffer.alloc(250, 0xff)],
    ["quotes", '"'.repeat(250)],
  ])("are complete with a long path of %s", async (_about, part) => {
    const parts = Array.from({ length: 15 }, () => [
      Buffer.from("/"),
      Buffer.from(part),
    ]);
    const path = Buffer.concat(parts.flat());
    const engine = makeEngine();
    const request = await send(engine, "open", { path }).done;
    expect(request.result).toBe(errnoOf("ENOENT"));
    const text = path.toString();
    expect(errorOf(request)).toMatchObject({ code: "ENOENT", path: text });
    expect(errorOf(request).message).toContain(text);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("are those of a custom function, whatever it throws", async () => {
    const engine = makeEngine();
    const thrown = await send(engine, "custom", callRogue("fail", "why")).done;
    expect(thrown.reason).toMatchObject({
      thrown: { error: { name: "Error", message: "why" } },
    });
    const kept = await send(engine, "custom", callRogue("uncloneable")).done;
    expect(kept.result).toBe(-1);
    expect(kept.reason).toBeDefined();
    expect(leftovers(engine)).toEqual(nothing);
  });
});

describe("a buffer", () => {
  it.each([50, 5000, 10_000])(
    "of %d bytes that is transferred away while its read runs still gives the count",
    async (size) => {
      const engine = makeEngine();
      const data = new Uint8Array(size);
      const sent = send(engine, "read", { fd, data, position: 0 });
      engine.flush();
      // Whoever has the memory now has to keep it: collected, it would be somebody else's while the read still writes there.
      const moved = structuredClone(data.buffer, { transfer: [data.buffer] });
      expect(data.byteLength).toBe(0);
      expect((await sent.done).value).toBe(size);
      expect(moved.byteLength).toBe(size);
      expect(await result(engine, "nop")).toBe(0);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("that cannot be read back fails only its own request", async () => {
    const engine = makeEngine();
    const sent = prepare("nop");
    const broken = prepare("nop");
    Object.assign(broken.request, {
      decode: () => {
        throw new TypeError("cannot be read back");
      },
    });
    for (const { request } of [broken, sent]) engine.submit(request);
    const failed = await broken.done;
    expect(failed.result).toBe(Special.fault);
    expect(errorOf(failed)).toBeInstanceOf(TypeError);
    expect((await sent.done).result).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });
});
