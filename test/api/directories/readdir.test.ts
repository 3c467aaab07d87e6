// readdir in both forms against node:fs: every option, names of all kinds, trees, errors; and what
// is ours: sharing, signals, deadlines, large folders.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  eio,
  forms,
  nodeCall,
  ourCall,
  sameAsNode,
  type Arguments,
} from "../both-forms.ts";
import { testFolder } from "../../helpers/files.ts";
import { makeFolder } from "../differential.ts";
import { plain } from "./entries.ts";

const fifo = testFolder().join("fifo");
execFileSync("mkfifo", [fifo]);

function build(folder: string): void {
  const at = (name: string): string => path.join(folder, name);
  for (const name of ["b", "a", "Z", "ä", "a.txt", "€uro", "\u{1f600}"])
    fs.writeFileSync(at(name), name);
  fs.mkdirSync(at("folder/deep/deeper"), { recursive: true });
  fs.writeFileSync(at("folder/deep/deeper/leaf"), "");
  fs.writeFileSync(at("folder/inner"), "");
  fs.mkdirSync(at("hollow"));
  fs.symlinkSync("a", at("link"));
  fs.symlinkSync("folder/deep", at("shortcut"));
  fs.symlinkSync("nowhere", at("broken"));
  fs.symlinkSync("..", at("folder/up"));
  fs.linkSync(fifo, at("fifo"));
}

const bad = Buffer.from([0x6e, 0xff, 0xfe, 0x80]);
function buildBadNames(folder: string): void {
  fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), bad]), "");
  fs.writeFileSync(path.join(folder, "good"), "");
}

const encodings = [
  undefined,
  null,
  "utf8",
  "utf-8",
  "UTF8",
  "latin1",
  "binary",
  "ascii",
  "hex",
  "base64",
  "base64url",
  "ucs2",
  "utf16le",
  "buffer",
  "no such",
  "",
  1,
];

const cases: Record<string, Arguments> = {
  plain: (_at, folder) => [folder],
  "a slash behind": (_at, folder) => [`${folder}/`],
  "dots within": (at) => [at("folder/../hollow/..")],
  "a folder that is empty": (at) => [at("hollow")],
  "empty with types": (at) => [at("hollow"), { withFileTypes: true }],
  "empty and recursive": (at) => [at("hollow"), { recursive: true }],
  types: (_at, folder) => [folder, { withFileTypes: true }],
  "a URL": (_at, folder) => [pathToFileURL(folder), { withFileTypes: true }],
  "a Buffer": (_at, folder) => [Buffer.from(folder)],
  "a Buffer with types": (_at, folder) => [
    Buffer.from(folder),
    { withFileTypes: true },
  ],
  "a link to a folder": (at) => [at("shortcut")],
  recursive: (at) => [at("folder"), { recursive: true }],
  "recursive with a slash": (at) => [`${at("folder")}/`, { recursive: true }],
  "recursive with types": (at) => [
    at("folder/deep"),
    { recursive: true, withFileTypes: true },
  ],
  "recursive with types and dots": (at) => [
    `${at("folder")}/./deep/`,
    { recursive: true, withFileTypes: true },
  ],
  "recursive as a number": (at) => [at("folder"), { recursive: 1 }],
  "recursive null": (at) => [at("folder"), { recursive: null }],
  "a file": (at) => [at("a")],
  "a file with types": (at) => [at("a"), { withFileTypes: true }],
  "a file, recursive": (at) => [at("a"), { recursive: true }],
  nothing: (at) => [at("none")],
  "nothing, recursive": (at) => [at("none"), { recursive: true }],
  "nothing, as a Buffer": (at) => [Buffer.from(at("none"))],
  "an empty path": () => [""],
  "a NUL": (at) => [at("a\0b")],
  "no path": () => [undefined],
  "a number": () => [1],
  "options that are a number": (_at, folder) => [folder, 1],
};
for (const encoding of encodings) {
  cases[`encoding ${encoding}`] = (_at, folder) => [folder, { encoding }];
  cases[`encoding ${encoding} alone`] = (_at, folder) => [folder, encoding];
  cases[`encoding ${encoding} with types`] = (_at, folder) => [
    folder,
    { encoding, withFileTypes: true },
  ];
}

sameAsNode("readdir", cases, build, plain);
// From Node 22 on, its callback form ends the process here.
sameAsNode(
  "readdir",
  {
    "recursive Buffer": (at) => [
      Buffer.from(at("folder")),
      { recursive: true },
    ],
    "recursive as buffers": (at) => [
      at("folder/deep"),
      { recursive: true, encoding: "buffer" },
    ],
  },
  build,
  plain,
  Number.parseInt(process.versions.node, 10) < 22 ? forms : ["promises"],
);
sameAsNode(
  "readdir",
  Object.fromEntries(
    ["utf8", "latin1", "hex", "buffer"].flatMap((encoding) =>
      [false, true].map((withFileTypes) => [
        `bytes that are no text, ${encoding}, types ${withFileTypes}`,
        (_at, folder) => [folder, { encoding, withFileTypes }],
      ]),
    ),
  ),
  buildBadNames,
  plain,
);

const entry = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(
    fc
      .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
      .map((name) => name.replace(/[/\0]|^\.+$/g, "_").slice(0, 20)),
    fc.oneof({ maxDepth: 3 }, fc.constant(null), tie("tree")),
    { maxKeys: 6 },
  ),
})).tree;
type Tree = { [name: string]: Tree | null };

function grow(folder: string, tree: Tree): void {
  for (const [name, below] of Object.entries(tree)) {
    const at = `${folder}/${name}`;
    if (fs.existsSync(at)) continue;
    if (below === null) fs.writeFileSync(at, "");
    else {
      fs.mkdirSync(at);
      grow(at, below);
    }
  }
}

describe.each(forms)("random trees, %s", (form) => {
  it.each([
    {},
    { withFileTypes: true },
    { recursive: true },
    { recursive: true, withFileTypes: true },
    { encoding: "buffer" },
  ])("%o", async (options) => {
    await fc.assert(
      fc.asyncProperty(entry, async (tree) => {
        const folder = makeFolder((made) => grow(made, tree));
        const [theirs, own] = await Promise.all(
          [nodeCall, ourCall].map((call) =>
            call(form, "readdir")(folder, options),
          ),
        );
        expect(plain(own)).toEqual(plain(theirs));
      }),
      { numRuns: 8 },
    );
  });
});

describe("a large folder", () => {
  const folder = makeFolder;
  const names = Array.from(
    { length: 6000 },
    (_, i) => `a rather long name ${i}`,
  );
  it("is listed whole, though it does not fit into shared memory", async () => {
    const large = folder((made) => {
      for (const name of names) fs.writeFileSync(`${made}/${name}`, "");
    });
    const options = { withFileTypes: true } as const;
    expect(await eio.promises.readdir(large)).toEqual(fs.readdirSync(large));
    expect(plain(await eio.promises.readdir(large, options))).toEqual(
      plain(fs.readdirSync(large, options)),
    );
  });
});

describe("identical calls at the same time", () => {
  it("return separate arrays and entries", async () => {
    const folder = makeFolder(build);
    const lists = await Promise.all(
      Array.from({ length: 20 }, () =>
        eio.promises.readdir(folder, { withFileTypes: true }),
      ),
    );
    const theirs = plain(fs.readdirSync(folder, { withFileTypes: true }));
    for (const list of lists) expect(plain(list)).toEqual(theirs);
    expect(new Set(lists).size).toBe(20);
    expect(new Set(lists.map(([first]) => first)).size).toBe(20);
    const errors = await Promise.all(
      Array.from({ length: 20 }, () =>
        eio.promises.readdir(`${folder}/none`).catch((error: Error) => error),
      ),
    );
    expect(new Set(errors).size).toBe(20);
  });

  it("see what happened before them", async () => {
    const folder = makeFolder();
    for (let i = 0; i < 200; i++) {
      const before = eio.promises.readdir(folder);
      fs.writeFileSync(`${folder}/${i}`, "");
      expect(await eio.promises.readdir(folder)).toHaveLength(i + 1);
      expect((await before).length).toBeLessThanOrEqual(i + 1);
    }
  });
});

describe("signals and deadlines", () => {
  it.each(forms)("an aborted signal, %s", async (form) => {
    const signal = AbortSignal.abort();
    await expect(
      ourCall(form, "readdir")("/", { signal }),
    ).rejects.toMatchObject({ name: "AbortError", code: "ABORT_ERR" });
  });

  it.each(forms)("a signal that fires, %s", async (form) => {
    const controller = new AbortController();
    const reading = ourCall(form, "readdir")("/", {
      signal: controller.signal,
    });
    controller.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });

  it("a deadline in the past", async () => {
    const options = { timeout: 0, recursive: true } as object;
    await expect(
      eio.promises.readdir(import.meta.dirname, options).then(
        () => "in time",
        (error: NodeJS.ErrnoException) => error.code,
      ),
    ).resolves.toMatch(/ETIMEDOUT|in time/);
  });
});
