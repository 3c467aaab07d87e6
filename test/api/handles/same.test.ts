// Every method of a handle against Node's own, argument form by argument form: values, errors and
// what is in the file afterwards.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { show } from "../differential.ts";
import { bytes, transferForms } from "../transfer-forms.ts";
import {
  CONTENT,
  closePair,
  contents,
  expectSameCall,
  openPair,
} from "./handles.ts";

const engine = makeEngine();
afterAll(closeEngines);

/** Named by the method; each made anew for both sides. */
const calls: Record<string, (() => unknown[])[]> = {
  // A callback where nothing calls back.
  read: [...transferForms.read, () => [() => {}]],
  readv: transferForms.readv,
  write: transferForms.write,
  writev: transferForms.writev,
  readFile: [
    () => [],
    () => [null],
    () => ["utf8"],
    () => ["latin1"],
    () => [{ encoding: "hex" }],
    () => [{ encoding: null }],
    () => [() => {}],
    () => ["unheard of"],
    () => [{ encoding: "unheard of" }],
    () => [5],
    () => [{ signal: "no signal" }],
    () => [{ signal: AbortSignal.abort() }],
  ],
  writeFile: [
    () => ["text"],
    () => ["4142", "hex"],
    () => ["text", { encoding: "utf16le" }],
    () => [Buffer.from("bytes")],
    () => [new Uint32Array([0x41414141])],
    () => [new DataView(new ArrayBuffer(2))],
    () => [""],
    () => [bytes(0)],
    () => [["a", Buffer.from("b"), "c"]],
    () => [new Set(["a", "b"]), "utf8"],
    () => [chunks("x", Buffer.from("y"), new Uint16Array([0x4242]))],
    () => [{ [Symbol.iterator]: () => ["q"][Symbol.iterator]() }],
    () => [["616", "4"], "hex"],
    () => ["text", { flush: true }],
    // refused
    () => [[5]],
    () => [undefined],
    () => [null],
    () => [5],
    () => [{}],
    () => ["text", "unheard of"],
    () => ["text", 5],
    () => ["text", { flush: 1 }],
    () => ["text", { signal: "no signal" }],
    () => ["text", { signal: AbortSignal.abort("why") }],
  ],
  appendFile: [
    () => ["text"],
    () => [Buffer.from("bytes"), null],
    () => [chunks("x", "y"), { encoding: "latin1" }],
    () => [5],
  ],
  stat: [
    () => [],
    () => [{}],
    () => [{ bigint: false }],
    () => [{ bigint: true }],
    () => [null],
    () => [[]],
  ],
  truncate: [
    () => [],
    () => [5],
    () => [30],
    () => [-5],
    () => [null],
    () => ["5"],
    () => [1.5],
    () => [NaN],
  ],
  chmod: [
    () => [0o640],
    () => ["640"],
    () => [],
    () => [null],
    () => ["x"],
    () => [-1],
    () => [2 ** 32],
    () => [1.5],
  ],
  chown: [
    () => [process.getuid!(), process.getgid!()],
    () => [-1, -1],
    () => [],
    () => [1],
    () => ["1", 1],
    () => [-2, 1],
    () => [1, 2 ** 32],
  ],
  utimes: [
    () => [1, 2],
    () => ["1", "2.5"],
    () => [new Date(5000), new Date(6000)],
    () => [],
    () => [1],
    () => ["x", 1],
    () => [1, {}],
    () => [Infinity, 1],
  ],
  sync: [() => []],
  datasync: [() => []],
};

async function* chunks(...items: unknown[]): AsyncGenerator {
  yield* items;
}

describe.each(Object.entries(calls))("%s", (method, forms) => {
  it.each(forms.map((form) => [show(form()), form] as const))(
    "%s",
    async (what, form) => {
      const pair = await openPair(engine);
      try {
        // Twice, and a read from where both are then: the position has to be the same, too.
        await expectSameCall(pair, method, form, what);
        await expectSameCall(pair, method, form, what);
        await expectSameCall(pair, "read", () => [bytes()], "afterwards");
        const [node, ours] = contents(pair);
        expect(ours).toBe(node);
      } finally {
        await closePair(pair);
      }
    },
  );

  it("is refused in Node's words after close", async () => {
    const pair = await openPair(engine);
    await closePair(pair);
    await expectSameCall(pair, method, forms[0]!);
  });

  it("fails as Node's does on a descriptor of the wrong kind", async () => {
    const pair = await openPair(engine, CONTENT, "wx".slice(0, 1));
    try {
      await expectSameCall(pair, method, forms[forms.length > 5 ? 4 : 0]!);
    } finally {
      await closePair(pair);
    }
  });
});

it("reads and writes as Node's does at any position", async () => {
  const pair = await openPair(engine, Buffer.alloc(3000, CONTENT));
  const where = fc.record({
    write: fc.boolean(),
    size: fc.integer({ min: 0, max: 2000 }),
    offset: fc.integer({ min: -1, max: 2000 }),
    length: fc.option(fc.integer({ min: -1, max: 2000 })),
    position: fc.oneof(
      fc.constant(null),
      fc.constant(-1),
      fc.integer({ min: 0, max: 6000 }),
    ),
    odd: fc.boolean(),
  });
  try {
    await fc.assert(
      fc.asyncProperty(where, async (call) => {
        const { write, size, offset, length, position, odd } = call;
        await expectSameCall(pair, write ? "write" : "read", () => {
          const whole = Buffer.alloc(size + 3, 65 + (size % 26));
          const view = odd
            ? new DataView(whole.buffer, whole.byteOffset + 3, size)
            : whole.subarray(3);
          return [view, offset, length, position];
        });
      }),
      { numRuns: 120 },
    );
    const [node, ours] = contents(pair);
    expect(ours).toBe(node);
  } finally {
    await closePair(pair);
  }
});
