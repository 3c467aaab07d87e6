// Every call on a path, in good cases and bad, against node:fs: the same value or the same error,
// and the same folder afterwards; in the promise form and in the callback form.
import fs from "node:fs";
import fsp from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { expectSame, makeSides, treeOf, viaCallback } from "../differential.ts";

const eio = createEio({ maxParallel: 2 });
afterAll(() => eio.close());

type Api = Record<string, (...args: unknown[]) => unknown>;
const ours = { promises: eio.promises, callbacks: eio.fs } as unknown as Record<
  "promises" | "callbacks",
  Api
>;
const node = { promises: fsp, callbacks: fs } as unknown as typeof ours;

function build(folder: string): void {
  const at = (name: string): string => path.join(folder, name);
  fs.writeFileSync(at("file"), "some text, ünïcode");
  fs.chmodSync(at("file"), 0o644);
  fs.writeFileSync(at("empty"), "");
  fs.mkdirSync(at("folder"));
  fs.writeFileSync(at("folder/inner"), "inner");
  fs.mkdirSync(at("hollow"));
  fs.symlinkSync("file", at("link"));
  fs.symlinkSync("nowhere", at("broken"));
  fs.symlinkSync("loop", at("loop"));
  fs.writeFileSync(
    Buffer.concat([Buffer.from(at("bad-")), Buffer.from([0xff, 0xfe])]),
    "x",
  );
}

const long = (folder: string): string => path.join(folder, "x".repeat(300));
const tooLong = (folder: string): string => `${folder}/${"y/".repeat(4000)}`;

/** Arguments from the folder; several cases a function. */
const cases: Record<
  string,
  ((at: (name: string) => string, folder: string) => unknown[])[]
> = {
  access: [
    (at) => [at("file")],
    (at) => [at("file"), fs.constants.R_OK],
    (at) => [at("file"), fs.constants.X_OK],
    (at) => [at("none")],
    (at) => [at("loop")],
    (at) => [at("file/below")],
    (at) => [at("file"), 8],
    (at) => [at("file"), "r"],
    (at) => [at("file"), 1.5],
    (at) => [Buffer.from(at("file"))],
    (at) => [pathToFileURL(at("file"))],
    () => [new URL("http://example.org/x")],
    (at) => [`${at("file")}\0x`],
    () => [undefined],
    () => [17],
    () => [""],
    (_, folder) => [long(folder)],
    (_, folder) => [tooLong(folder)],
  ],
  stat: [
    (at) => [at("file")],
    (at) => [at("link")],
    (at) => [at("folder"), { bigint: true }],
    (at) => [at("folder"), { bigint: false }],
    (at) => [at("folder"), {}],
    (at) => [at("folder"), undefined],
    (at) => [at("file"), null],
    (at) => [at("file"), []],
    (at) => [at("broken")],
    (at) => [at("none")],
    (at) => [at("file/x")],
    () => [{}],
    () => [null],
    (_, folder) => [tooLong(folder)],
    (_, folder) => [
      Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.from([0xff, 0xfe])]),
    ],
  ],
  lstat: [
    (at) => [at("link")],
    (at) => [at("broken"), { bigint: true }],
    (at) => [at("none")],
    (at) => [at("file"), null],
    (at) => [at("file"), []],
    () => [true],
  ],
  statfs: [
    (at) => [at("file")],
    (at) => [at("file"), { bigint: true }],
    (at) => [at("none")],
    (at) => [at("file"), null],
    (at) => [at("file"), []],
    () => [Symbol.iterator],
  ],
  chmod: [
    (at) => [at("file"), 0o600],
    (at) => [at("file"), "755"],
    (at) => [at("none"), 0o600],
    (at) => [at("file"), "9z"],
    (at) => [at("file"), -1],
    (at) => [at("file"), 2 ** 32],
    (at) => [at("file")],
    (at) => [at("file"), null],
    () => [null, 0o600],
  ],
  chown: [
    (at) => [at("file"), process.getuid!(), process.getgid!()],
    (at) => [at("file"), -1, -1],
    (at) => [at("none"), 1, 1],
    (at) => [at("file"), "1", 1],
    (at) => [at("file"), 1, -2],
    (at) => [at("file"), 2 ** 32, 1],
    (at) => [at("file")],
  ],
  lchown: [
    (at) => [at("broken"), process.getuid!(), process.getgid!()],
    (at) => [at("none"), 1, 1],
    (at) => [at("file"), 1.2, 1],
  ],
  utimes: [
    (at) => [at("file"), 1, 2],
    (at) => [at("file"), "1000.5", new Date(5000)],
    (at) => [at("file"), "-5.25", new Date(-5250)],
    (at) => [at("file"), "-0.0001", "-1234567.891"],
    (at) => [at("none"), 1, 2],
    (at) => [at("file"), "x", 2],
    (at) => [at("file"), {}, 2],
    (at) => [at("file"), NaN, 2],
    (at) => [at("file"), 1],
  ],
  lutimes: [
    (at) => [at("broken"), 1, 2],
    (at) => [at("none"), 1, 2],
    (at) => [at("file"), [], 2],
  ],
  link: [
    (at) => [at("file"), at("hard")],
    (at) => [at("none"), at("hard")],
    (at) => [at("file"), at("empty")],
    (at) => [at("file")],
    () => [1, 2],
  ],
  symlink: [
    (at) => ["target", at("soft")],
    (at) => ["target", at("soft"), "dir"],
    (at) => ["target", at("soft"), "junction"],
    (at) => ["target", at("file")],
    (at) => ["target", at("soft"), "odd"],
    (at) => ["target", at("soft"), 5],
    (at) => [Buffer.from("tä"), Buffer.from(at("soft"))],
    () => [{}, "x"],
  ],
  readlink: [
    (at) => [at("link")],
    (at) => [at("link"), "buffer"],
    (at) => [at("link"), { encoding: "hex" }],
    (at) => [at("link"), "nonsense"],
    (at) => [at("link"), { encoding: "nonsense" }],
    (at) => [at("file")],
    (at) => [at("none"), null],
    () => [[]],
  ],
  rename: [
    (at) => [at("file"), at("other")],
    (at) => [at("none"), at("other")],
    (at) => [at("file"), at("folder")],
    (at) => [at("folder"), at("hollow")],
    (at) => [at("hollow"), at("folder")],
    (at) => [at("file")],
    (at) => [`${at("file")}\0`, at("x")],
  ],
  unlink: [
    (at) => [at("file")],
    (at) => [at("folder")],
    (at) => [at("none")],
    () => [{}],
  ],
  copyFile: [
    (at) => [at("file"), at("copy")],
    (at) => [at("file"), at("empty"), fs.constants.COPYFILE_EXCL],
    (at) => [at("none"), at("copy")],
    (at) => [at("folder"), at("copy")],
    (at) => [at("file"), at("copy"), 8],
    (at) => [at("file"), at("copy"), "r"],
    (at) => [at("file")],
  ],
  truncate: [
    (at) => [at("file"), 4],
    (at) => [at("file")],
    (at) => [at("file"), 100],
    (at) => [at("file"), -5],
    (at) => [at("folder"), 4],
    (at) => [at("none"), 4],
    (at) => [at("file"), "x"],
    (at) => [at("file"), 1.5],
  ],
  readFile: [
    (at) => [at("file")],
    (at) => [at("file"), "utf8"],
    (at) => [at("file"), { encoding: "base64" }],
    (at) => [at("file"), { encoding: "latin1", flag: "r+" }],
    (at) => [at("file"), { encoding: null }],
    (at) => [at("file"), "bad"],
    (at) => [at("file"), { flag: "zz" }],
    (at) => [at("empty"), "utf8"],
    (at) => [at("folder")],
    (at) => [at("none"), "utf8"],
    (at) => [at("file"), { signal: "x" }],
    () => ["/proc/self/mounts", "utf8"],
    () => [Symbol("x")],
    (at) => [at("new"), { flag: "a+" }],
  ],
  writeFile: [
    (at) => [at("file"), "new"],
    (at) => [at("fresh"), Buffer.from("bytes"), { mode: 0o600 }],
    (at) => [at("fresh"), new Uint16Array([1, 2, 3])],
    (at) => [at("fresh"), new DataView(new ArrayBuffer(5), 1, 3)],
    (at) => [at("file"), "x", { flag: "wx" }],
    (at) => [at("file"), "x", { flag: "a", flush: true }],
    (at) => [at("file"), "ÿ", "latin1"],
    (at) => [at("file"), ""],
    (at) => [at("folder"), "x"],
    (at) => [at("none/x"), "x"],
    (at) => [at("file"), 5],
    (at) => [at("file"), {}],
    (at) => [at("file"), null],
    (at) => [at("file"), "x", { flush: 1 }],
    (at) => [at("file"), "x", { mode: "99" }],
    (at) => [at("file"), "x", "bad"],
    (at) => [at("file"), Buffer.alloc(3 << 20, 7)],
  ],
  appendFile: [
    (at) => [at("file"), "more"],
    (at) => [at("fresh"), "more", { mode: 0o640 }],
    (at) => [at("file"), Buffer.from("more"), "utf8"],
    (at) => [at("folder"), "x"],
    (at) => [at("file"), true],
    (at) => [at("file"), Buffer.alloc(2 << 20, 1)],
  ],
};

for (const form of ["promises", "callbacks"] as const) {
  describe(form, () => {
    for (const [name, list] of Object.entries(cases)) {
      it(`${name}: ${list.length} cases`, async () => {
        const wrap =
          form === "promises"
            ? (fn: unknown) => fn as never
            : (fn: unknown) => viaCallback(fn as never);
        const theirs = wrap(node[form][name]) as (
          ...args: unknown[]
        ) => unknown;
        const own = wrap(ours[form][name]) as (...args: unknown[]) => unknown;
        for (const [i, make] of list.entries()) {
          const sides = makeSides(build);
          const args = (folder: string): unknown[] =>
            make((entry) => path.join(folder, entry), folder);
          await expectSame(
            sides,
            (folder) => theirs(...args(folder)),
            (folder) => own(...args(folder)),
            `${name} case ${i}`,
          );
          expect(treeOf(sides.ours), `${name} case ${i}: folder`).toEqual(
            treeOf(sides.node),
          );
        }
      });
    }
  });
}
