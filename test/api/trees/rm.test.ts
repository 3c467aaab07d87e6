// rm and rmdir in both forms against node:fs: results, errors, and what is left of the tree.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import {
  eio,
  forms,
  ourCall,
  sameAsNode,
  type Arguments,
} from "../both-forms.ts";
import { makeFolder, treeOf } from "../differential.ts";
import { testFolder } from "../../helpers/folder.ts";

const root = process.getuid?.() === 0;
/** Nobody opens it: each tree has a name of the same one. */
const fifo = testFolder().join("fifo");
execFileSync("mkfifo", [fifo]);

function build(folder: string): void {
  const at = (name: string): string => path.join(folder, name);
  fs.mkdirSync(at("tree/deep/deeper"), { recursive: true });
  fs.mkdirSync(at("hollow"));
  for (const name of ["file", "tree/a", "tree/deep/b", "tree/deep/deeper/c"])
    fs.writeFileSync(at(name), name);
  fs.symlinkSync("../file", at("tree/link"));
  fs.symlinkSync("../hollow", at("tree/folder-link"));
  fs.symlinkSync("nowhere", at("broken"));
  fs.symlinkSync("tree", at("to-tree"));
  fs.writeFileSync(
    Buffer.concat([Buffer.from(at("tree/bad")), Buffer.from([0xff, 0xfe])]),
    "",
  );
  fs.linkSync(fifo, at("tree/fifo"));
}

const recursive = { recursive: true };
const cases: Record<string, Arguments> = {
  "a file": (at) => [at("file")],
  "a file, recursive": (at) => [at("file"), recursive],
  "a tree": (at) => [at("tree"), recursive],
  "a tree with a slash": (at) => [`${at("tree")}/`, recursive],
  "a tree by its dot, which rmdir refuses": (at) => [
    `${at("tree")}/.`,
    recursive,
  ],
  "a tree as a Buffer": (at) => [Buffer.from(at("tree")), recursive],
  "a tree as a URL": (at) => [pathToFileURL(at("tree")), recursive],
  "a tree, not recursive": (at) => [at("tree")],
  "a tree, not recursive, forced": (at) => [at("tree"), { force: true }],
  "an empty folder": (at) => [at("hollow")],
  "an empty folder, recursive": (at) => [at("hollow"), recursive],
  "a link": (at) => [at("tree/link")],
  "a link to a tree": (at) => [at("to-tree"), recursive],
  "a link to a tree and a slash": (at) => [`${at("to-tree")}/`, recursive],
  "a broken link": (at) => [at("broken")],
  "a fifo": (at) => [at("tree/fifo")],
  nothing: (at) => [at("none")],
  "nothing, recursive": (at) => [at("none"), recursive],
  "nothing, forced": (at) => [at("none"), { force: true }],
  "below a file": (at) => [at("file/below")],
  "below a file, forced": (at) => [at("file/below"), { force: true }],
  "options undefined": (at) => [at("file"), undefined],
  "options null": (at) => [at("file"), null],
  "options a text": (at) => [at("file"), "x"],
  "recursive a number": (at) => [at("tree"), { recursive: 1 }],
  "force a text": (at) => [at("file"), { force: "x" }],
  "maxRetries below 0": (at) => [at("file"), { maxRetries: -1 }],
  "maxRetries a text": (at) => [at("file"), { maxRetries: "1" }],
  "retryDelay below 0": (at) => [at("file"), { retryDelay: -1 }],
  "retryDelay too long": (at) => [at("file"), { retryDelay: 2 ** 31 }],
  "no path": () => [undefined],
  "a NUL": () => ["a\0b"],
  "an empty path": () => [""],
};

const left = (value: unknown, folder: string): unknown => [
  value,
  treeOf(folder),
];

sameAsNode("rm", cases, build, left);
const { "a tree": _warns, ...quiet } = cases;
sameAsNode(
  "rmdir",
  Object.fromEntries(
    Object.entries(quiet).filter(
      ([name]) => !/recursive|slash|as a/.test(name),
    ),
  ),
  build,
  left,
);

describe.skipIf(root)("what may not be removed", () => {
  sameAsNode(
    "rm",
    { "a folder that is closed": (at) => [at("tree"), recursive] },
    (folder) => {
      build(folder);
      fs.chmodSync(`${folder}/tree/deep`, 0o500);
    },
    (value, folder) => {
      fs.chmodSync(`${folder}/tree/deep`, 0o700);
      return left(value, folder);
    },
  );
});

describe("rm of many files", () => {
  it("removes them all, whatever else goes on in the folder", async () => {
    const folder = makeFolder((made) => {
      for (let i = 0; i < 40; i++) {
        fs.mkdirSync(`${made}/t/${i}`, { recursive: true });
        for (let j = 0; j < 20; j++)
          fs.writeFileSync(`${made}/t/${i}/${j}`, "");
      }
    });
    await Promise.all(
      Array.from({ length: 4 }, () =>
        eio.promises.rm(`${folder}/t`, { recursive: true, force: true }),
      ),
    );
    expect(fs.existsSync(`${folder}/t`)).toBe(false);
  });

  it("empties nothing that it cannot remove, on the portable pool either", async () => {
    const portable = createEio({ backend: "pool", maxParallel: 1 });
    const folder = makeFolder(build);
    const before = treeOf(folder);
    const removing = portable.promises.rm(`${folder}/tree/.`, recursive);
    await expect(removing).rejects.toMatchObject({
      code: "EINVAL",
      syscall: "rmdir",
    });
    expect(treeOf(folder)).toEqual(before);
    await portable.close();
  });

  it.each(forms)("is not begun after an abort, %s", async (form) => {
    const folder = makeFolder(build);
    const options = { recursive: true, signal: AbortSignal.abort() };
    await expect(ourCall(form, "rm")(folder, options)).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(fs.existsSync(`${folder}/tree`)).toBe(true);
  });

  it("stops at a deadline", async () => {
    const folder = makeFolder(build);
    const blocked = Array.from({ length: 3 }, () => eio.promises.stat(folder));
    const options = { recursive: true, timeout: 0 } as fs.RmOptions;
    const code = await eio.promises.rm(folder, options).then(
      () => "in time",
      (error: NodeJS.ErrnoException) => error.code,
    );
    await Promise.all(blocked);
    expect(code).toMatch(/ETIMEDOUT|in time/);
  });
});
