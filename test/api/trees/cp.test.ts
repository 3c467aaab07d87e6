// cp in both forms against node:fs: every option, what is refused, filters; and the copies.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import {
  eio,
  forms,
  nodeCall,
  ourCall,
  sameAsNode,
  type Arguments,
} from "../both-forms.ts";
import { makeFolder, treeOf } from "../differential.ts";
import { testFolder } from "../../helpers/folder.ts";

const OLD_S = 1_000_000;
/** Nobody opens it: each tree has a name of the same one. */
const fifo = testFolder().join("fifo");
execFileSync("mkfifo", [fifo]);

function build(folder: string): void {
  const at = (name: string): string => path.join(folder, name);
  fs.mkdirSync(at("tree/deep/deeper"), { recursive: true });
  fs.mkdirSync(at("other/deep"), { recursive: true });
  fs.mkdirSync(at("hollow"));
  for (const name of ["file", "tree/a", "tree/deep/b", "tree/deep/deeper/c"])
    fs.writeFileSync(at(name), name);
  for (const name of ["other/a", "other/deep/b", "other/only"])
    fs.writeFileSync(at(name), `other ${name}`);
  fs.chmodSync(at("tree/a"), 0o440);
  fs.chmodSync(at("tree/deep"), 0o750);
  fs.utimesSync(at("tree/a"), OLD_S, OLD_S);
  fs.symlinkSync("../file", at("tree/link"));
  fs.symlinkSync("deep", at("tree/folder-link"));
  fs.symlinkSync(at("file"), at("tree/absolute"));
  fs.symlinkSync("nowhere", at("tree/broken"));
  fs.symlinkSync("tree", at("to-tree"));
  fs.symlinkSync("../hollow", at("other/folder-link"));
  fs.symlinkSync("file", at("to-file"));
  fs.mkdirSync(at("special"));
  fs.linkSync(fifo, at("special/fifo"));
}

const recursive = { recursive: true };
const from = (src: string, dest: string, ...options: unknown[]): Arguments => {
  return (at) => [at(src), at(dest), ...options];
};

const cases: Record<string, Arguments> = {
  "a file": from("file", "new"),
  "a file onto a file": from("file", "other/a"),
  "a file onto itself": from("file", "file"),
  "a file onto a folder": from("file", "hollow"),
  "a file to folders that are not there": from("file", "x/y/z"),
  "a file below a file": from("file", "tree/a/below"),
  "a file by URL": (at) => [pathToFileURL(at("file")), at("new")],
  "a file by Buffer": (at) => [Buffer.from(at("file")), at("new")],
  "a file, not forced": from("file", "other/a", { force: false }),
  "a file, an error on what exists": from("file", "other/a", {
    force: false,
    errorOnExist: true,
  }),
  "a file, forced, an error on what exists": from("file", "other/a", {
    errorOnExist: true,
  }),
  "a file with times": from("tree/a", "new", { preserveTimestamps: true }),
  "a file, exclusively": from("file", "other/a", {
    mode: fs.constants.COPYFILE_EXCL,
  }),
  nothing: from("none", "new"),
  "nothing, recursive": from("none", "new", recursive),
  "a folder": from("tree", "new"),
  "a tree": from("tree", "new", recursive),
  "a tree with a slash": (at) => [`${at("tree")}/`, `${at("new")}/`, recursive],
  "a tree into what exists": from("tree", "other", recursive),
  "a tree into what exists, not forced": from("tree", "other", {
    recursive: true,
    force: false,
  }),
  "a tree into what exists, errors on that": from("tree", "other", {
    recursive: true,
    force: false,
    errorOnExist: true,
  }),
  "a tree into itself": from("tree", "tree/deep/new", recursive),
  "a tree onto itself": from("tree", "tree", recursive),
  "a tree into itself by a link": from("tree", "to-tree/new", recursive),
  "a tree onto a file": from("tree", "file", recursive),
  "a tree with links as they are": from("tree", "new", {
    recursive: true,
    verbatimSymlinks: true,
  }),
  "a tree with what links lead to": from("tree/deep", "new", {
    recursive: true,
    dereference: true,
  }),
  "a tree with a broken link followed": from("tree", "new", {
    recursive: true,
    dereference: true,
  }),
  "a tree with times": from("tree", "new", {
    recursive: true,
    preserveTimestamps: true,
  }),
  "a tree and again": from("tree/deep", "other/deep", recursive),
  "a link": from("to-file", "new"),
  "a link onto a link": from("tree/folder-link", "other/folder-link"),
  "a link onto a file": from("to-file", "other/a"),
  "a link to a tree": from("to-tree", "new", recursive),
  "a fifo": from("special/fifo", "new"),
  "a folder of a fifo": from("special", "new", recursive),
  "an empty folder": from("hollow", "new", recursive),
  "options null": from("file", "new", null),
  "options a text": from("file", "new", "x"),
  "a mode that is none": from("file", "new", { mode: 99 }),
  "a switch that is a number": from("file", "new", { force: 1 }),
  "two options against each other": from("file", "new", {
    dereference: true,
    verbatimSymlinks: true,
  }),
  "a filter that is none": from("file", "new", { filter: "x" }),
  "no source": (at) => [undefined, at("new")],
  "no target": (at) => [at("file")],
};

const times = (folder: string): unknown =>
  ["new", "new/a"].map((name) => {
    const at = path.join(folder, name);
    const stats = fs.lstatSync(at, { throwIfNoEntry: false });
    return stats?.mtimeMs === OLD_S * 1000;
  });
const copied = (value: unknown, folder: string): unknown => [
  value,
  treeOf(folder),
  times(folder),
];

sameAsNode("cp", cases, build, copied);

// The same again through the steps that are taken from the loop's side.
const filtered: Record<string, Arguments> = Object.fromEntries(
  Object.entries(cases).flatMap(([name, args]) => {
    const make: Arguments = (at, folder) => {
      const [src, dest, options = {}, ...rest] = args(at, folder);
      const given =
        typeof options === "object" && options !== null
          ? { filter: () => true, ...options }
          : options;
      return [src, dest, given, ...rest];
    };
    return [[`all of ${name}`, make]];
  }),
);
sameAsNode(
  "cp",
  {
    ...filtered,
    "without some": from("tree", "new", {
      recursive: true,
      filter: (src: string) => !src.endsWith("deeper"),
    }),
    "without some, by a filter that resolves later": from("tree", "new", {
      recursive: true,
      filter: (src: string) => Promise.resolve(!src.includes("link")),
    }),
    "without any": from("tree", "new", { recursive: true, filter: () => 0 }),
    "a filter that throws": from("tree", "new", {
      recursive: true,
      filter: () => {
        throw new Error("not today");
      },
    }),
  },
  build,
  copied,
);

describe("a filter", () => {
  it("may itself wait for us, even with one worker", async () => {
    const single = createEio({ maxParallel: 1 });
    const folder = makeFolder(build);
    await single.promises.cp(`${folder}/tree`, `${folder}/new`, {
      recursive: true,
      filter: async (src) => (await single.promises.lstat(src)).size >= 0,
    });
    expect(treeOf(`${folder}/new`).length).toBe(
      treeOf(`${folder}/tree`).length,
    );
    await single.close();
  });

  it("gets the same paths as Node's", async () => {
    const visited = [nodeCall, ourCall].map(async (call) => {
      const folder = makeFolder(build);
      const paths: string[] = [];
      const filter = (...given: string[]): boolean => {
        paths.push(given.join(" ").replaceAll(folder, ""));
        return true;
      };
      await call("promises", "cp")(`${folder}/tree`, `${folder}/new`, {
        recursive: true,
        filter,
      });
      return paths.sort();
    });
    expect(await visited[1]).toEqual(await visited[0]);
  });
});

describe("cp with a signal", () => {
  it.each(forms)("that fired, %s", async (form) => {
    const folder = makeFolder(build);
    for (const filter of [undefined, () => true]) {
      const options = { recursive: true, signal: AbortSignal.abort() };
      const copying = ourCall(form, "cp")(`${folder}/tree`, `${folder}/new`, {
        ...options,
        ...(filter && { filter }),
      });
      await expect(copying).rejects.toMatchObject({ name: "AbortError" });
      expect(fs.existsSync(`${folder}/new`)).toBe(false);
    }
  });

  it("that fires between two steps", async () => {
    const folder = makeFolder(build);
    const controller = new AbortController();
    const options = {
      recursive: true,
      signal: controller.signal,
      filter: (src: string) => {
        if (src.endsWith("deeper")) controller.abort();
        return true;
      },
    };
    await expect(
      eio.promises.cp(`${folder}/tree`, `${folder}/new`, options),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(fs.existsSync(`${folder}/new/deep/deeper`)).toBe(false);
  });
});

describe("random trees", () => {
  type Tree = { [name: string]: Tree | string };
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.dictionary(
      fc.stringMatching(/^[a-cé][0-9]?$/),
      fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.constantFrom("-> a", "-> ../b", "-> ."),
        tie("tree"),
      ),
      { maxKeys: 5 },
    ),
  }));
  function grow(folder: string, below: Tree): void {
    fs.mkdirSync(folder);
    for (const [name, what] of Object.entries(below)) {
      const at = `${folder}/${name}`;
      if (typeof what !== "string") grow(at, what);
      else if (what.startsWith("-> ")) fs.symlinkSync(what.slice(3), at);
      else fs.writeFileSync(at, what);
    }
  }

  it("are copied over each other as by Node, or refused", async () => {
    const switches = fc.record({
      force: fc.boolean(),
      errorOnExist: fc.boolean(),
      verbatimSymlinks: fc.boolean(),
      filtered: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(tree, tree, switches, async (a, b, options) => {
        const { filtered, ...given } = options;
        const outcomes = [];
        for (const call of [nodeCall, ourCall]) {
          const folder = makeFolder();
          grow(`${folder}/a`, a);
          grow(`${folder}/b`, b);
          const failed = await Promise.resolve(
            call("promises", "cp")(`${folder}/a`, `${folder}/b`, {
              recursive: true,
              ...given,
              ...(filtered && { filter: () => true }),
            }),
          ).catch((error: NodeJS.ErrnoException) => [
            error.code,
            error.message.replaceAll(folder, ""),
          ]);
          const left = treeOf(folder).map((line) => line.replace(folder, ""));
          outcomes.push([failed, failed ? null : left]);
        }
        expect(outcomes[1]).toEqual(outcomes[0]);
      }),
      { numRuns: 25 },
    );
  });
});
