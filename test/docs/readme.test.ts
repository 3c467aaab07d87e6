// README is true: its examples run against the built package and print what they say, its tables name what
// the code has and nothing else, and its generated parts are up to date.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { AGEING_SKIPS } from "../../src/engine/queue.ts";
import { DATA_MAX_BYTES } from "../../src/request/codec.ts";
import { BLOCK_BYTES } from "../../src/request/layout.ts";
import { misuse } from "../../src/util/errors.ts";
import { runNode } from "../helpers/run-node.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string =>
  fs.readFileSync(path.join(root, name), "utf8");
const readme = read("README.md");

/** The text of a section, up to the next heading of its level or above. */
function section(title: string): string {
  const [, level = ""] =
    new RegExp(`^(#+) ${title.replace(/[()]/g, "\\$&")}$`, "m").exec(readme) ??
    [];
  const from = readme.indexOf(`\n${level} ${title}\n`);
  expect(from, `a section "${title}"`).toBeGreaterThan(-1);
  const rest = readme.slice(from + level.length + title.length + 2);
  const [body = ""] = rest.split(new RegExp(`^#{1,${level.length}} `, "m"));
  return body;
}

/** The rows of the tables in a section: first cell, without its backquotes, and the others. */
const rows = (title: string): [string, string[]][] =>
  section(title)
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [first = "", ...others] = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", ""));
      return [first, others];
    });

describe("examples in README", () => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-readme-"));
    const write = (name: string, data: string | Buffer): void =>
      fs.writeFileSync(path.join(folder, name), data);
    write("config.json", '{ "port": 8080 }\n');
    write("notes.txt", "Buy milk.");
    write("table.bin", Buffer.alloc(1 << 16));
    fs.mkdirSync(path.join(folder, "photos"));
    write("photos/one.jpg", Buffer.alloc(1000));
    fs.mkdirSync(path.join(folder, "node_modules"));
    fs.symlinkSync(root, path.join(folder, "node_modules/node-eio"));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  const blocks = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(
    ([, code = ""], i) => ({ name: `block ${i + 1}`, code }),
  );
  it("are there", () => {
    expect(blocks.length).toBeGreaterThan(7);
  });
  it.concurrent.each(blocks)(
    "$name runs and prints what it says",
    async ({ code }) => {
      const { status, stdout, stderr } = await runNode(
        ["--input-type=module", "--eval", code],
        { cwd: folder, timeout: 20_000 },
      );
      const promised = [...code.matchAll(/\/\/ prints: (.*)$/gm)]
        .map(([, text]) => `${text}\n`)
        .join("");
      expect({ status, stderr, stdout }).toEqual({
        status: 0,
        stderr: "",
        stdout: promised,
      });
    },
  );
});

describe("tables in README", () => {
  it("list every error of ours, and no other", () => {
    expect(rows("Errors").map(([code]) => code)).toEqual(Object.keys(misuse));
  });

  it("list every option with its default, and no other", () => {
    const {
      sizes,
      lanes: _lanes,
      mounts: _mounts,
      apartMax: _apartMax,
      ...engine
    } = defaultEngineOptions;
    const { slots, arenaBytes, allocBytes } = sizes;
    const { maxParallel: _, ...limits } = defaultThreadLimits;
    const numbers = { ...limits, ...engine, slots, arenaBytes, allocBytes };
    const expected = {
      ...numbers,
      maxParallel: "8, or processors",
      backend: "auto",
      profile: "none",
      resourceLimits: "none",
      lanes: "none",
      isolateMounts: "false",
      slow: "none",
      trackHandles: "false",
      fdGate: "see below",
      sqpollIdleMs: 0,
      faults: "none",
    };
    const documented = rows("Options of an instance").map(([name, [value]]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([name, value]) => [
          name,
          String(value ?? "none"),
        ]),
      ),
    );
  });

  it("state constants as they are in the code", () => {
    expect(section("Options of a call")).toContain(
      `\`AGEING_SKIPS\` = ${AGEING_SKIPS} `,
    );
    const limits = section("Limits");
    const valueOf = (name: string): string | undefined =>
      limits
        .split("\n")
        .find((line) => line.includes(`(\`${name}\`)`))
        ?.split("|")[2]
        ?.trim();
    const [, readyMax] =
      /const READY_MAX = (\d+)/.exec(read("src/backends/submissions.ts")) ?? [];
    expect(valueOf("READY_MAX")).toBe(readyMax);
    expect(valueOf("DATA_MAX_BYTES")).toBe(`${DATA_MAX_BYTES >> 20} MiB`);
    expect(valueOf("BLOCK_BYTES")).toBe(`${BLOCK_BYTES} bytes`);
  });

  it("are up to date where they are generated", async () => {
    const { status, stderr } = await runNode([
      path.join(root, "scripts/readme.mjs"),
      "--check",
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  }, 120_000);
});

describe("links", () => {
  const documents = [
    ...fs.readdirSync(root),
    ...fs.readdirSync(path.join(root, "docs")).map((name) => `docs/${name}`),
  ].filter((name) => name.endsWith(".md"));
  it.each(documents)("in %s lead somewhere", (name) => {
    const text = read(name);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, target = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith("http")) continue;
      const [file = ""] = target.split("#");
      if (target.startsWith("#")) expect(headings).toContain(target.slice(1));
      else
        expect(
          fs.existsSync(path.join(root, path.dirname(name), file)),
          target,
        ).toBe(true);
    }
  });

  it.each(["CONTRIBUTING.md", "docs/architecture.md"])(
    "in %s to files by their names lead to files that exist",
    (name) => {
      const sources = [
        "src",
        "native-aio/src",
        "workers",
        "test",
        "scripts",
      ].flatMap((folder) =>
        fs
          .readdirSync(path.join(root, folder), {
            recursive: true,
            encoding: "utf8",
          })
          .map((file) => `${folder}/${file}`),
      );
      for (const [, file = ""] of read(name).matchAll(
        /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|c|h|mjs))`/g,
      ))
        expect(
          sources.some((one) => one === file || one.endsWith(`/${file}`)),
          file,
        ).toBe(true);
    },
  );

  it.each(["README.md", "CONTRIBUTING.md"])(
    "in %s name scripts that exist",
    (name) => {
      const { scripts } = JSON.parse(read("package.json")) as {
        scripts: Record<string, string>;
      };
      const named = [...read(name).matchAll(/npm (?:run )?([\w:]+)/g)].flatMap(
        ([, name = ""]) =>
          ["ci", "install", "run"].includes(name) ? [] : [name],
      );
      expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
    },
  );
});
