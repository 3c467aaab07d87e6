// Every program in README and in the guides runs against the built package, and prints what it says. What a document is about
// is not known here.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { runNode } from "../helpers/run-node.ts";
import { asPromised, runnable, snippetsOf } from "../helpers/snippets.ts";

const root = path.resolve(import.meta.dirname, "../..");
const preload = path.join(root, "test/helpers/snippet-preload.cjs");
const ownTests = ["tutorial.md", "first-hour.md"];
const documents = [
  "README.md",
  ...fs
    .readdirSync(path.join(root, "docs"))
    // Tests of their own (npm run test:first-hour is one): their programs are for each other.
    .filter((name) => name.endsWith(".md") && !ownTests.includes(name))
    .map((name) => `docs/${name}`),
].map((name) => ({
  name,
  snippets: snippetsOf(fs.readFileSync(path.join(root, name), "utf8")),
}));

/** Packages that snippets import, beside this one. */
const packages = [
  "express",
  "fastify",
  "pino",
  "prom-client",
  "@opentelemetry",
];

/** Why a snippet cannot run here, by what it needs; null where it can. */
const lacks: Record<string, () => string | null> = {
  "the addon": () => {
    const loaded = loadNative();
    return loaded.addon === null ? loaded.reason : null;
  },
  "better-sqlite3": () =>
    sqlite() === undefined
      ? "it is not there (scripts/fetch-sqlite.mjs)"
      : null,
};

/** Where scripts/fetch-sqlite.mjs put it, for this Node. */
function sqlite(): string | undefined {
  const home =
    process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
  const cache = path.join(home, "node-eio");
  if (!fs.existsSync(cache)) return undefined;
  return fs
    .readdirSync(cache)
    .filter(
      (name) =>
        name.startsWith("sqlite-") &&
        name.endsWith(`-${process.versions.modules}`),
    )
    .map((name) => path.join(cache, name, "node_modules"))
    .find((at) =>
      fs.existsSync(
        path.join(at, "better-sqlite3/build/Release/better_sqlite3.node"),
      ),
    );
}

/** What the documents' programs find in their folder. */
function furnish(folder: string): void {
  const write = (name: string, data: string | Buffer = name): void => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, data);
  };
  write("package.json", '{ "private": true }\n');
  write("config.json", '{ "port": 8080 }\n');
  write("notes.txt", "Buy milk.");
  write("table.bin", Buffer.alloc(1 << 16));
  write("disk.img", Buffer.alloc(1 << 20));
  write("draft");
  write("photos/one.jpg", Buffer.alloc(1000));
  write("public/index.html", "<h1>Hello</h1>\n");
  write("data/a/b");
  const modules = path.join(folder, "node_modules");
  fs.mkdirSync(modules);
  fs.symlinkSync(root, path.join(modules, "node-eio"));
  const link = (name: string, from: string): void =>
    fs.symlinkSync(path.join(from, name), path.join(modules, name));
  for (const name of packages) link(name, path.join(root, "node_modules"));
  const drivers = sqlite();
  if (drivers !== undefined) link("better-sqlite3", drivers);
}

describe("the programs in", () => {
  let base: string;
  beforeAll(() => {
    base = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-snippets-"));
  });
  afterAll(() => fs.rmSync(base, { recursive: true }));

  it.concurrent.each(documents.filter(({ snippets }) => snippets.length > 0))(
    "$name run and print what they say",
    async ({ name, snippets }) => {
      const folder = fs.mkdtempSync(path.join(base, "run-"));
      furnish(folder);
      for (const snippet of snippets) {
        const where = `${name}:${snippet.line}`;
        if (snippet.needs !== undefined) {
          const lack = lacks[snippet.needs];
          expect(lack, `${where} needs ${snippet.needs}`).toBeDefined();
          const reason = lack!();
          if (reason !== null) {
            console.log(
              `${where}: left out, for want of ${snippet.needs}: ${reason}`,
            );
            continue;
          }
        }
        const file = snippet.file ?? `at-line-${snippet.line}.mjs`;
        fs.writeFileSync(path.join(folder, file), runnable(snippet));
        if (snippet.file !== undefined) continue;
        const { status, stdout, stderr } = await runNode(
          ["--require", preload, file],
          { cwd: folder, timeout: 100_000 },
        );
        const printed = asPromised(stdout, snippet);
        expect({ where, status, stderr, printed }).toEqual({
          where,
          status: 0,
          stderr: "",
          printed: snippet.prints,
        });
      }
    },
    120_000,
  );

  it("are there, in README and in each guide that shows code", () => {
    expect(
      documents.find(({ name }) => name === "README.md")?.snippets,
    ).toHaveLength(3);
    expect(
      documents.flatMap(({ snippets }) => snippets).length,
    ).toBeGreaterThan(40);
  });
});

describe("snippetsOf", () => {
  it("reads what a program prints, needs and is", () => {
    const fence = "```";
    const [first, second] = snippetsOf(
      [
        "text",
        `${fence}js`,
        "// db.mjs: a file",
        fence,
        "<!-- needs the addon -->",
        "",
        `${fence}js`,
        "f(); // prints: 1",
        "g(); // such as: 2",
        fence,
        "",
      ].join("\n"),
    );
    expect(first).toMatchObject({ line: 2, file: "db.mjs", prints: [] });
    expect(second).toMatchObject({
      needs: "the addon",
      file: undefined,
      prints: [{ text: "1" }, { any: true }],
    });
    expect(asPromised("1\n3\n", second!)).toEqual(second!.prints);
    expect(asPromised("2\n3\n", second!)).not.toEqual(second!.prints);
    expect(asPromised("1\n", second!)).not.toEqual(second!.prints);
  });
});
