// The reference is true: its tables and the errors name what the code has and nothing else, and the generated parts of
// the documents are up to date.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { AGEING_SKIPS } from "../../src/engine/queue.ts";
import { DATA_MAX_BYTES } from "../../src/request/codec.ts";
import { BLOCK_BYTES } from "../../src/request/layout.ts";
import { misuse, misuseError, type MisuseCode } from "../../src/util/errors.ts";
import { runNode } from "../helpers/run-node.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string =>
  fs.readFileSync(path.join(root, name), "utf8");
const options = read("docs/options.md");

/** The text of a section, up to the next heading of its level or above. */
function section(text: string, title: string): string {
  const [, level = ""] =
    new RegExp(`^(#+) ${title.replace(/[()]/g, "\\$&")}$`, "m").exec(text) ??
    [];
  const from = text.indexOf(`\n${level} ${title}\n`);
  expect(from, `a section "${title}"`).toBeGreaterThan(-1);
  const rest = text.slice(from + level.length + title.length + 2);
  const [body = ""] = rest.split(new RegExp(`^#{1,${level.length}} `, "m"));
  return body;
}

/** The rows of the tables in a section: first cell, without its backquotes, and the others. */
const rows = (text: string): [string, string[]][] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [first = "", ...others] = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", ""));
      return [first, others];
    });

describe("the reference", () => {
  const errors = read("docs/errors.md");
  const described = [...errors.matchAll(/^### (ERR_EIO_\w+)$/gm)].map(
    ([, code = ""]) => code,
  );

  it("describes every error of ours, and no other", () => {
    expect(described.toSorted()).toEqual(Object.keys(misuse).toSorted());
  });

  it.each(described)("says of %s when, why and what to do", (code) => {
    const leads = [...section(errors, code).matchAll(/^\*\*(.+?):\*\*/gm)];
    expect(leads.map(([, lead]) => lead)).toEqual([
      "When",
      "Why",
      "What to do",
    ]);
  });

  it("is where the message of each error says", () => {
    for (const code of Object.keys(misuse) as MisuseCode[]) {
      const { message } = misuseError(code, ...(["a", "b", "c"] as never));
      expect(message).toMatch(
        new RegExp(`\\(node-eio/docs/errors\\.md#${code.toLowerCase()}\\)$`),
      );
    }
  });

  it("lists every option with its default, and no other", () => {
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
      maxMemory: "none",
      faults: "none",
    };
    const documented = rows(section(options, "Options of an instance")).map(
      ([name, [value]]) => [name, value],
    );
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([name, value]) => [
          name,
          String(value ?? "none"),
        ]),
      ),
    );
  });

  it("states constants as they are in the code", () => {
    expect(section(options, "Options of a call")).toContain(
      `\`AGEING_SKIPS\` = ${AGEING_SKIPS} `,
    );
    const limits = read("docs/limits.md");
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

  it("is up to date where it is generated", async () => {
    const { status, stderr } = await runNode([
      path.join(root, "scripts/readme.mjs"),
      "--check",
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
