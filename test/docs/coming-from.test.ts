// docs/coming-from.md is true: every row of its tables runs against the built package, in the order in which they stand,
// and what its third column says holds afterwards. It does not know what any row is about.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const text = fs.readFileSync(path.join(root, "docs/coming-from.md"), "utf8");
const [, preamble = ""] = /^```js\n([^]*?)^```$/m.exec(text) ?? [];

interface Row {
  theirs: string;
  code: string;
  then: string;
}

const code = (cell = ""): string => /^`(.*)`$/.exec(cell.trim())?.[1] ?? "";
const tables = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf("\n")),
    rows: section
      .split("\n")
      .filter((line) => line.startsWith("| `") || /^\| .*\| `/.test(line))
      .map((line): Row => {
        const [theirs = "", ours, then] = line.split(" | ");
        return {
          theirs: theirs.slice(2).trim(),
          code: code(ours),
          then: code(then),
        };
      }),
  }));

/** The last part of a row is its value; what is in front of it are statements. */
function functionOf({ code, then }: Row, i: number): string {
  const at = code.lastIndexOf("; ") + 1;
  return `await row(${i}, async (cb) => { ${code.slice(0, at)} return (${code.slice(at)}); }, (it, req) => ${then}, ${/\bcb\b/.test(code)});`;
}

const programOf = (rows: readonly Row[]): string => `
import path from "node:path";
import { constants } from "node:fs";
${preamble}
for (const [name, value] of Object.entries(names)) if (name !== "default") globalThis[name] = value;
async function row(i, run, holds, called) {
  try {
    let cb;
    const given = new Promise((resolve) => (cb = resolve));
    const it = await run((req) => void cb(req));
    const req = called ? await given : undefined;
    console.log(JSON.stringify({ i, holds: holds(it, req) === true, it: String(it) }));
  } catch (error) {
    console.log(JSON.stringify({ i, holds: false, it: String(error?.stack) }));
  }
}
${rows.map(functionOf).join("\n")}
process.exit();
`;

/** For releases that do not know it: what is opened stays open until the process ends. */
const plain = (program: string): string =>
  program.replaceAll("await using ", "const ");

describe("coming-from.md", () => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-coming-"));
    const write = (name: string, data: string | Buffer): void =>
      fs.writeFileSync(path.join(folder, name), data);
    write("notes.txt", "Buy milk.");
    write("table.bin", Buffer.alloc(1 << 16));
    write("task.mjs", "export default (n) => n * n;\n");
    fs.mkdirSync(path.join(folder, "photos"));
    write("photos/one.jpg", Buffer.alloc(1000));
    fs.mkdirSync(path.join(folder, "node_modules"));
    fs.symlinkSync(root, path.join(folder, "node_modules/node-eio"));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it("has a table for each of those it names, and code in each row", () => {
    expect(tables.map(({ title }) => title)).toEqual([
      "libeio",
      "IO::AIO",
      "libuv",
      "asyncio",
      "Twisted",
      "Tornado",
      "POSIX AIO",
      "nginx",
    ]);
    for (const { title, rows } of tables)
      for (const { theirs, code, then } of rows)
        expect([code, then], `${title}: ${theirs}`).not.toContain("");
  });

  it.each(tables)("every row for those who know $title holds", ({ rows }) => {
    expect(rows.length).toBeGreaterThan(6);
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", plain(programOf(rows))],
      { cwd: folder, encoding: "utf8", timeout: 100_000 },
    );
    const results = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { i: number; holds: boolean });
    const failed = results
      .filter(({ holds }) => !holds)
      .map((result) => ({ ...rows[result.i], ...result }));
    expect({ failed, stderr, ran: results.length }).toEqual({
      failed: [],
      stderr: "",
      ran: rows.length,
    });
  });
});
