// The functions that take a descriptor and call back, against Node's own: argument form by
// argument form, what they return, what they throw, and what is in the file afterwards.
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { descriptorCalls } from "../../../src/api/callbacks/descriptor-calls.ts";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { makeSides, show, outcomeOf, type Outcome } from "../differential.ts";
import { bytes, transferForms } from "../transfer-forms.ts";

const engine = makeEngine();
afterAll(closeEngines);

type Functions = Record<string, (...args: unknown[]) => unknown>;
const ours: Functions = descriptorCalls(() => engine);
const node = fs as unknown as Functions;

const CONTENT = "0123456789abcdefghij";

/** All that the callback was given, the error among it: what comes beside an error counts, too. */
function callBack(
  side: Functions,
  name: string,
  args: unknown[],
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    side[name]!(...args, (error: Error | null, ...values: unknown[]) =>
      error
        ? reject(Object.assign(error, { path: show(values) }))
        : resolve([error === null, ...values]),
    );
  });
}

/** The descriptor is put in front. */
const calls: Record<string, (() => unknown[])[]> = {
  read: [
    ...transferForms.read,
    // Node ends the process over these where a handle is to read.
    () => [bytes(), 0, "3", 4],
    () => [bytes(), 0, 3.7, 4],
  ],
  readv: transferForms.readv,
  write: transferForms.write,
  writev: transferForms.writev,
  fstat: [
    () => [],
    () => [{}],
    () => [{ bigint: true }],
    () => [undefined],
    () => [null],
  ],
  ftruncate: [
    () => [],
    () => [5],
    () => [30],
    () => [-5],
    () => [undefined],
    () => [null],
    () => ["5"],
    () => [1.5],
  ],
  fchmod: [() => [0o640], () => ["640"], () => [], () => ["x"], () => [-1]],
  fchown: [
    () => [process.getuid!(), process.getgid!()],
    () => [-1, -1],
    () => [1],
    () => [-2, 1],
    () => ["1", 1],
  ],
  futimes: [
    () => [1, 2],
    () => ["1", new Date(5000)],
    () => [1],
    () => ["x", 1],
  ],
  fsync: [() => []],
  fdatasync: [() => []],
  readFile: [
    () => [],
    () => [null],
    () => ["utf8"],
    () => [{ encoding: "hex" }],
    () => ["unheard of"],
    () => [5],
  ],
  writeFile: [
    () => ["text"],
    () => ["4142", "hex"],
    () => [Buffer.from("bytes"), { flush: true }],
    () => [new DataView(new ArrayBuffer(2)), null],
    () => [""],
    () => [["a"]],
    () => [5],
    () => ["text", 5],
    () => ["text", { flush: 1 }],
    () => ["text", { signal: AbortSignal.abort("why") }],
  ],
  appendFile: [() => ["text"], () => [Buffer.from("bytes"), "utf8"], () => [5]],
};

async function expectSame(
  name: string,
  makeArguments: () => unknown[],
  flags = "r+",
): Promise<void> {
  const folders = makeSides((folder) =>
    fs.writeFileSync(path.join(folder, "file"), CONTENT),
  );
  const outcome = async (side: Functions, folder: string): Promise<unknown> => {
    const file = path.join(folder, "file");
    const fd = fs.openSync(file, flags);
    const outcomes: Outcome[] = [];
    try {
      for (let i = 0; i < 2; i++)
        outcomes.push(
          await outcomeOf(
            () => callBack(side, name, [fd, ...makeArguments()]),
            folder,
          ),
        );
      const rest = Buffer.alloc(30);
      const count = flags === "w" ? 0 : fs.readSync(fd, rest);
      return { outcomes, rest: rest.toString("latin1", 0, count) };
    } finally {
      fs.closeSync(fd);
    }
  };
  const theirs = await outcome(node, folders.node);
  expect(await outcome(ours, folders.ours), name).toEqual(theirs);
  expect(fs.readFileSync(`${folders.ours}/file`, "latin1")).toBe(
    fs.readFileSync(`${folders.node}/file`, "latin1"),
  );
}

describe.each(Object.entries(calls))("%s", (name, forms) => {
  it.each(forms.map((form) => [show(form()), form] as const))(
    "%s",
    async (_what, form) => {
      await expectSame(name, form);
    },
  );

  it("fails as Node's does on a wrong kind of descriptor", async () => {
    await expectSame(name, forms[forms.length > 10 ? 12 : 0]!, "w");
  });

  it("fails as Node's does without a descriptor or callback", async () => {
    const args = forms[forms.length > 10 ? 12 : 0]!();
    for (const fd of [987654, -1, "1", undefined, 1.5, NaN, {}, 2 ** 40]) {
      // It is the path of a file to them.
      if (fd === "1" && name.endsWith("File")) continue;
      // Node throws it where no caller can catch it, and so do we.
      if (fd === -1 && name === "readFile") continue;
      const [theirs, own] = [
        await outcomeOf(() => callBack(node, name, [fd, ...args]), "-"),
        await outcomeOf(() => callBack(ours, name, [fd, ...args]), "-"),
      ];
      expect(own, String(fd)).toEqual(theirs);
    }
    for (const callback of [undefined, null, 5, "text"]) {
      const [theirs, own] = [
        await outcomeOf(() => node[name]!(987654, ...args, callback), "-"),
        await outcomeOf(() => ours[name]!(987654, ...args, callback), "-"),
      ];
      expect(own).toEqual(theirs);
    }
  });
});

it("readFile passes its callback an error when its signal had fired", async () => {
  const signal = AbortSignal.abort("why");
  await expect(
    callBack(ours, "readFile", [0, { signal }]),
  ).rejects.toMatchObject({ name: "AbortError", cause: "why" });
});

describe("close", () => {
  it("behaves as Node's does", async () => {
    for (const fd of [987654, -1, "1", undefined, 1.5]) {
      const theirs = await outcomeOf(() => callBack(node, "close", [fd]), "-");
      expect(await outcomeOf(() => callBack(ours, "close", [fd]), "-")).toEqual(
        theirs,
      );
    }
    const fd = fs.openSync(import.meta.filename, "r");
    expect(await callBack(ours, "close", [fd])).toEqual([true]);
    expect(() => fs.fstatSync(fd)).toThrow("EBADF");
  });
});

describe("promisified", () => {
  it.each([
    ["read", [bytes(4), 0, 4, 0]],
    ["readv", [[bytes(2), bytes(2)], 0]],
    ["write", [Buffer.from("abcd"), 0, 4, 0]],
    ["writev", [[Buffer.from("ab"), Buffer.from("cd")], 0]],
    ["fstat", [{ bigint: true }]],
  ])("%s returns what Node's does", async (name, args) => {
    const folders = makeSides((folder) =>
      fs.writeFileSync(path.join(folder, "file"), CONTENT),
    );
    const outcome = (side: Functions, folder: string): Promise<Outcome> => {
      const fd = fs.openSync(path.join(folder, "file"), "r+");
      return outcomeOf(
        () => (promisify(side[name]!) as Functions[string])(fd, ...args),
        folder,
      ).finally(() => fs.closeSync(fd));
    };
    expect(await outcome(ours, folders.ours)).toEqual(
      await outcome(node, folders.node),
    );
  });
});

it("reads as Node's does at any position", async () => {
  const file = path.join(makeSides().node, "file");
  fs.writeFileSync(file, Buffer.alloc(3000, CONTENT));
  const fd = fs.openSync(file, "r");
  const where = fc.record({
    size: fc.integer({ min: 0, max: 2000 }),
    offset: fc.integer({ min: -1, max: 2000 }),
    length: fc.integer({ min: -1, max: 2000 }),
    position: fc.oneof(
      fc.integer({ min: -2, max: 6000 }),
      fc.bigInt({ min: -2n, max: 6000n }),
    ),
  });
  try {
    await fc.assert(
      fc.asyncProperty(where, async ({ size, offset, length, position }) => {
        const call = (side: Functions): Promise<Outcome> =>
          outcomeOf(
            () =>
              callBack(side, "read", [
                fd,
                bytes(size),
                offset,
                length,
                position,
              ]),
            "-",
          );
        // Both at the current position would not be the same call.
        if (position >= 0) expect(await call(ours)).toEqual(await call(node));
      }),
      { numRuns: 120 },
    );
  } finally {
    fs.closeSync(fd);
  }
});
