// mkdir, mkdtemp and realpath in both forms against node:fs; mkdtempDisposable.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import {
  eio,
  forms,
  ourCall,
  sameAsNode,
  type Arguments,
} from "../both-forms.ts";
import {
  expectSame,
  makeFolder,
  makeSides,
  viaCallback,
} from "../differential.ts";
import { treeOf } from "../differential.ts";

function build(folder: string): void {
  const at = (name: string): string => path.join(folder, name);
  fs.mkdirSync(at("a/b"), { recursive: true });
  fs.writeFileSync(at("file"), "");
  fs.writeFileSync(at("a/ünï"), "");
  fs.symlinkSync("a/b", at("link"));
  fs.symlinkSync("link", at("link2"));
  fs.symlinkSync("nowhere", at("broken"));
  fs.symlinkSync("loop", at("loop"));
}

const recursive = { recursive: true };
const tree = (value: unknown, folder: string): unknown => [
  value,
  treeOf(folder),
];

sameAsNode(
  "mkdir",
  {
    plain: (at) => [at("new")],
    "a mode": (at) => [at("new"), 0o700],
    "a mode as text": (at) => [at("new"), "0700"],
    "a mode as an option": (at) => [at("new"), { mode: 0o711 }],
    "a mode that is none": (at) => [at("new"), { mode: "x" }],
    "a mode too large": (at) => [at("new"), { mode: 2 ** 32 }],
    "a mode null": (at) => [at("new"), { mode: null }],
    "what exists": (at) => [at("a")],
    "what exists, recursive": (at) => [at("a"), recursive],
    "below nothing": (at) => [at("x/y/z")],
    "below nothing, recursive": (at) => [at("x/y/z"), recursive],
    "below nothing, recursive, a slash": (at) => [`${at("x/y/z")}/`, recursive],
    "with dots, recursive": (at) => [at("a/./x/../y/z"), recursive],
    "recursive with a mode": (at) => [
      at("x/y"),
      { recursive: true, mode: 0o700 },
    ],
    "recursive, a Buffer": (at) => [Buffer.from(at("x/y")), recursive],
    "recursive, a URL": (at) => [pathToFileURL(at("x/y")), recursive],
    "recursive, a file in the way": (at) => [at("file/x/y"), recursive],
    "recursive, a file": (at) => [at("file"), recursive],
    "recursive a number": (at) => [at("x"), { recursive: 1 }],
    "below a file": (at) => [at("file/x")],
    "a loop": (at) => [at("loop/x"), recursive],
    "no path": () => [],
    "a NUL": () => ["a\0b"],
    "an empty path": () => [""],
    "an empty path, recursive": () => ["", recursive],
    "options null": (at) => [at("new"), null],
  },
  build,
  tree,
);

const realpaths: Record<string, Arguments> = {
  "a file": (at) => [at("file")],
  "a link": (at) => [at("link2")],
  "through a link": (at) => [at("link2/../../file")],
  "a slash behind": (at) => [`${at("link")}/`],
  "a loop": (at) => [at("loop")],
  "a broken link": (at) => [at("broken")],
  nothing: (at) => [at("none/x")],
  "below a file": (at) => [at("file/x")],
  "a Buffer": (at) => [Buffer.from(at("link"))],
  "a URL": (at) => [pathToFileURL(at("link"))],
  "as a buffer": (at) => [at("a/ünï"), "buffer"],
  "as latin1": (at) => [at("a/ünï"), "latin1"],
  "as text by an option": (at) => [at("a/ünï"), { encoding: "utf-8" }],
  "an unknown encoding": (at) => [at("file"), "no such"],
  "the current folder": () => ["."],
  "an empty path": () => [""],
  "no path": () => [],
  "a number": () => [1],
  "a NUL": () => ["a\0b"],
  root: () => ["/"],
};
sameAsNode("realpath", realpaths, build);

describe("realpath.native", () => {
  it.each(Object.entries(realpaths))("%s", async (_about, args) => {
    const call = (native: unknown) => (folder: string) =>
      viaCallback(native as never)(
        ...args((name) => path.join(folder, name), folder),
      );
    await expectSame(
      makeSides(build),
      call(fs.realpath.native),
      call(eio.fs.realpath.native),
    );
  });
});

const SUFFIX = 6;
const random = (text: string): string =>
  text.slice(0, -SUFFIX) + "?".repeat(SUFFIX);
const shortened = (value: unknown): unknown => {
  const [made] = Array.isArray(value) ? (value as unknown[]) : [value];
  if (typeof made === "string") return random(made);
  return Buffer.isBuffer(made) ? ["buffer", random(made.toString())] : made;
};

sameAsNode(
  "mkdtemp",
  {
    plain: (at) => [at("new-")],
    "in a folder": (at) => [`${at("a")}/`],
    "a Buffer": (at) => [Buffer.from(at("new-"))],
    "a URL": (at) => [pathToFileURL(at("new-"))],
    "as a buffer": (at) => [at("new-"), "buffer"],
    "as a buffer by an option": (at) => [at("new-"), { encoding: "buffer" }],
    "an unknown encoding": (at) => [at("new-"), "no such"],
    "no prefix": () => [],
    "a NUL": () => ["a\0b"],
    "a number": () => [1],
  },
  build,
  shortened,
);

describe("mkdtemp where nothing can be made", () => {
  // The path that Node names ends in six characters that it has tried.
  it.each(forms)("%s", async (form) => {
    const folder = makeFolder(build);
    for (const [name, code] of [
      ["none", "ENOENT"],
      ["file", "ENOTDIR"],
    ])
      await expect(
        ourCall(form, "mkdtemp")(`${folder}/${name}/new-`),
      ).rejects.toMatchObject({
        code,
        syscall: "mkdtemp",
        path: expect.stringMatching(
          new RegExp(`^${folder}/${name}/new-[a-zA-Z0-9]{6}$`),
        ) as string,
      });
  });
});

describe("mkdtempDisposable", () => {
  type Disposable = {
    mkdtempDisposable(
      prefix: string,
    ): Promise<AsyncDisposable & { path: string; remove(): Promise<void> }>;
  };
  const { mkdtempDisposable } = eio.promises as unknown as Disposable;

  it("is a folder until it is removed, once or twice", async () => {
    const folder = makeFolder();
    const made = await mkdtempDisposable(`${folder}/x-`);
    expect(Object.keys(made)).toEqual(["path", "remove"]);
    expect(made.path.startsWith(`${folder}/x-`)).toBe(true);
    fs.writeFileSync(`${made.path}/file`, "");
    await made.remove();
    expect(fs.readdirSync(folder)).toEqual([]);
    await made[Symbol.asyncDispose]();
  });
});

describe("after an abort", () => {
  const options = { signal: AbortSignal.abort() };
  it.each(forms)("nothing is made or looked at, %s", async (form) => {
    const folder = makeFolder();
    for (const name of ["mkdir", "mkdtemp", "realpath", "rmdir"])
      await expect(
        ourCall(form, name)(`${folder}/x`, options),
      ).rejects.toMatchObject({ name: "AbortError" });
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
