// glob in both forms: a table of results that Node 22 and 24 agree on, and, where the running Node
// has a glob of its own, random patterns against it.
import fs from "node:fs";
import fsp from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { eio, ourCall } from "../both-forms.ts";

type Glob = (
  pattern: string | string[],
  options?: object,
) => AsyncIterable<string | fs.Dirent>;
const { glob } = eio.promises as unknown as { glob: Glob };
const nodeGlob = (fsp as unknown as { glob?: Glob }).glob;

// Deep enough that no pattern below leads out of it.
const top = fs.mkdtempSync(path.join(os.tmpdir(), "eio-glob-"));
const root = `${top}/1/2/3/4/root`;
afterAll(() => fs.rmSync(top, { recursive: true }));
for (const name of ["src/a.ts", "src/b.js", "src/.c.ts", "src/deep/d.ts"]) {
  fs.mkdirSync(path.dirname(`${root}/${name}`), { recursive: true });
  fs.writeFileSync(`${root}/${name}`, "");
}
fs.mkdirSync(`${root}/.hidden`);
fs.writeFileSync(`${root}/.hidden/e.ts`, "");
fs.mkdirSync(`${root}/hollow`);
fs.symlinkSync("src", `${root}/link`);
fs.symlinkSync("..", `${root}/src/deep/up`);

async function all(
  find: Glob,
  pattern: string | string[],
  options: object = {},
): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const one of find(pattern, { cwd: root, ...options }))
    found.push(
      typeof one === "string"
        ? one
        : [one.parentPath, one.name, one.isDirectory(), one.isFile()].join(),
    );
  return found.sort();
}

const table: [string | string[], string[]][] = [
  ["src/*.ts", ["src/a.ts"]],
  ["**/*.ts", ["src/a.ts", "src/deep/d.ts"]],
  ["src/.*.ts", ["src/.c.ts"]],
  ["src/{a,b}.*", ["src/a.ts", "src/b.js"]],
  [
    ["src/a.ts", "src/*.js", "src/a.*"],
    ["src/a.ts", "src/b.js"],
  ],
  ["src/!(a).*", ["src/b.js"]],
  ["*", ["hollow", "link", "src"]],
  ["*/", ["hollow", "src"]],
  ["./src/../hollow", ["hollow"]],
  ["none", []],
  ["link/*.ts", ["link/a.ts"]],
  [`${root}/src/*.js`, [`${root}/src/b.js`]],
  [
    "src/**",
    ["src", "src/a.ts", "src/b.js", "src/deep", "src/deep/d.ts", "src/deep/up"],
  ],
];

describe("glob", () => {
  it.each(table)("%s", async (pattern, expected) => {
    expect(await all(glob, pattern)).toEqual(expected);
    const called = await ourCall("callbacks", "glob")(pattern, { cwd: root });
    expect((called as [string[]])[0].sort()).toEqual(expected);
    expect(await all(glob, pattern, { cwd: pathToFileURL(root) })).toEqual(
      expected,
    );
  });

  it("has its callback behind the pattern or the options, and nowhere else", async () => {
    const { glob: called } = eio.fs as unknown as {
      glob(...args: unknown[]): void;
    };
    const found = await new Promise((resolve) =>
      called(
        `${root}/*`,
        (_error: unknown, names: string[]) => resolve(names),
        5,
      ),
    );
    expect(found).toHaveLength(3);
    for (const args of [["x"], [{}, "x"], [{}, undefined, () => {}]])
      expect(() => called("*", ...args)).toThrow(
        expect.objectContaining({
          code: "ERR_INVALID_ARG_TYPE",
          message: expect.stringMatching(
            args[1] === "x" ? /type string/ : /Received undefined/,
          ) as string,
        }) as Error,
      );
  });

  it("leaves out what is excluded, by pattern or by function", async () => {
    for (const exclude of [["**/deep"], (name: string) => name === "deep"])
      expect(await all(glob, "**/*.ts", { exclude })).toEqual(["src/a.ts"]);
    expect(await all(glob, "src/*", { exclude: ["src/*.js"] })).toEqual([
      "src/a.ts",
      "src/deep",
    ]);
  });

  it("gives Dirents", async () => {
    const options = { withFileTypes: true };
    expect(await all(glob, "src/*", options)).toEqual([
      `${root}/src,a.ts,false,true`,
      `${root}/src,b.js,false,true`,
      `${root}/src,deep,true,false`,
    ]);
  });

  it("goes no deeper than maxDepth", async () => {
    expect(await all(glob, "**/*.ts", { maxDepth: 2 })).toEqual(["src/a.ts"]);
  });

  it("follows links when the option says so, and no circle", async () => {
    const found = await all(glob, "**/d.ts", { followSymlinks: true });
    expect(found).toEqual(["link/deep/d.ts", "src/deep/d.ts"]);
  });

  it("refuses invalid patterns and options", async () => {
    const refused: [unknown, unknown?][] = [
      [1],
      [null],
      [[1]],
      ["*", 1],
      ["*", { exclude: 1 }],
      ["*", { exclude: [1] }],
      ["*", { followSymlinks: 1 }],
      ["*", { maxDepth: "1" }],
    ];
    for (const [pattern, options] of refused)
      await expect(
        (async () => {
          for await (const _one of glob(pattern as string, options as object));
        })(),
      ).rejects.toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await expect(
      all(glob, "**", { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: "AbortError" });
    await expect(
      (async () => {
        for await (const _one of glob("**", { cwd: root, signal }))
          controller.abort();
      })(),
    ).rejects.toMatchObject({ name: "AbortError" });
  });

  it.skipIf(nodeGlob === undefined)(
    "finds what Node's glob finds",
    async () => {
      const part = fc.constantFrom(
        ...[
          "src",
          "deep",
          "*",
          "**",
          "..",
          ".",
          ".*",
          "*.ts",
          "{src,link}",
          "!(a*)",
        ],
      );
      const pattern = fc
        .array(part, { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join("/"));
      await fc.assert(
        fc.asyncProperty(pattern, fc.boolean(), async (text, withFileTypes) => {
          const options = { withFileTypes };
          expect(await all(glob, text, options)).toEqual(
            await all(nodeGlob!, text, options),
          );
        }),
        { numRuns: 50 },
      );
    },
  );
});
