// Every method of a handle against Node's own, argument form by argument form: values, errors and
// what is in the file afterwards.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { show } from "../differential.ts";
import {
  CONTENT,
  closePair,
  contents,
  expectSameCall,
  openPair,
} from "./handles.ts";

const engine = makeEngine();
afterAll(closeEngines);

const bytes = (length = 8): Buffer => Buffer.alloc(length, 46);

/** Named by the method; each made anew for both sides. */
const calls: Record<string, (() => unknown[])[]> = {
  read: [
    () => [],
    () => [undefined],
    () => [null],
    () => [{}],
    () => [bytes()],
    () => [bytes(), 2],
    () => [bytes(), 2, 3],
    () => [bytes(), 2, 3, 4],
    () => [bytes(), null, null, null],
    () => [bytes(), undefined, undefined, undefined],
    () => [bytes(), 0, 8, -1],
    () => [bytes(), 0, 8, 1000],
    () => [bytes(), 0, 0, 0],
    () => [bytes(), 8],
    () => [bytes(), 8, 0],
    () => [bytes(), { offset: 1, length: 2, position: 3 }],
    () => [bytes(), { position: 3 }],
    () => [bytes(), { offset: 3 }],
    () => [bytes(), {}],
    () => [{ buffer: bytes(), offset: 1, length: 2, position: 3 }],
    () => [{ buffer: bytes(), length: 2 }],
    () => [{ position: 5 }],
    () => [{ length: 5, offset: 16380 }],
    () => [new Uint8Array(4), 1, 2, 3],
    () => [new Float64Array(2), 1, 9, 3],
    () => [new DataView(new ArrayBuffer(9), 2, 5), 1, 3, 3],
    () => [new Uint16Array(new SharedArrayBuffer(8)), 0, 6, 1],
    () => [bytes(), 0, 8, Number.MAX_SAFE_INTEGER],
    // refused
    () => [bytes(0)],
    () => [bytes(0), 0, 1, 0],
    () => [bytes(), -1],
    () => [bytes(), 1.5],
    () => [bytes(), "1"],
    () => [bytes(), NaN],
    () => [bytes(), 9],
    () => [bytes(), 0, 9],
    () => [bytes(), 4, 5],
    () => [bytes(), 0, -1],
    () => ["text"],
    () => [1],
    () => [true],
    () => [[]],
    () => [{ buffer: "text" }],
    () => [{ buffer: null }],
    () => [{ buffer: bytes(), length: 9 }],
    () => [() => {}],
  ],
  readv: [
    () => [[bytes(3), bytes(4)]],
    () => [[bytes(3), bytes(4)], 2],
    () => [[bytes(3)], null],
    () => [[bytes(0), bytes(2), bytes(0), bytes(40)], 1],
    () => [[new Float32Array(1), new DataView(new ArrayBuffer(3))], 4],
    () => [[bytes(3)], "1"],
    () => [[bytes(3)], 1.5],
    () => [[bytes(3)], -5],
    () => [[bytes(3)], 1000],
    () => [[]],
    () => [undefined],
    () => [bytes(3)],
    () => [["text"]],
    () => [[bytes(3), null]],
  ],
  write: [
    () => [Buffer.from("ABCDEF")],
    () => [Buffer.from("ABCDEF"), 2],
    () => [Buffer.from("ABCDEF"), 2, 3],
    () => [Buffer.from("ABCDEF"), 2, 3, 4],
    () => [Buffer.from("ABCDEF"), null, 3, 4],
    () => [Buffer.from("ABCDEF"), undefined, undefined, 4],
    () => [Buffer.from("ABCDEF"), 0, 6, "1"],
    () => [Buffer.from("ABCDEF"), 0, 6, 1.5],
    () => [Buffer.from("ABCDEF"), 0, 6, 2n],
    () => [Buffer.from("ABCDEF"), 0, "3"],
    () => [Buffer.from("ABCDEF"), 0, 0],
    () => [Buffer.from("ABCDEF"), { offset: 1, length: 2, position: 9 }],
    () => [Buffer.from("ABCDEF"), {}],
    () => [new Uint16Array([0x4141, 0x4242]), 1, 2, 0],
    () => [new DataView(new ArrayBuffer(3))],
    () => [bytes(0)],
    () => [{ byteLength: 0 }],
    () => ["text"],
    () => ["text", 3],
    () => ["text", null, "utf8"],
    () => ["text", 3, "latin1"],
    () => ["4142", 3, "hex"],
    () => ["QUJD", 0, "base64"],
    () => ["text", 0, "unheard of"],
    () => ["text", "3"],
    () => ["text", 2n],
    () => ["text", {}],
    () => [""],
    () => ["ü€😀", 1, "utf16le"],
    // refused
    () => ["414", 0, "hex"],
    () => [Buffer.from("ABC"), -1],
    () => [Buffer.from("ABC"), 1.5],
    () => [Buffer.from("ABC"), "1"],
    () => [Buffer.from("ABC"), 4],
    () => [Buffer.from("ABC"), 0, 4],
    () => [Buffer.from("ABC"), 0, -1],
    () => [Buffer.from("ABC"), 0, 1.5],
    () => [Buffer.from("ABC"), 0, NaN],
    () => [undefined],
    () => [null],
    () => [5],
    () => [{}],
    () => [new String("text")],
  ],
  writev: [
    () => [[Buffer.from("AB"), Buffer.from("CDE")]],
    () => [[Buffer.from("AB"), Buffer.from("CDE")], 4],
    () => [[Buffer.from("AB")], null],
    () => [[new Uint16Array([0x4141]), new DataView(new ArrayBuffer(1))], 30],
    () => [[bytes(0)]],
    () => [[]],
    () => [[Buffer.from("AB")], "4"],
    () => [undefined],
    () => [["AB"]],
    () => ["AB"],
  ],
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
