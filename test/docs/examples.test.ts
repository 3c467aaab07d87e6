// Runs every example against the built package: each checks itself, says ok, and ends by itself.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(root, "examples");
/** The others are modules that an example uses. */
const examples = fs
  .readdirSync(folder)
  .filter(
    (name) =>
      name.endsWith(".mjs") &&
      fs
        .readFileSync(path.join(folder, name), "utf8")
        .includes(`\n// Run: node examples/${name}\n`),
  );

describe("examples", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  it.each(examples)("%s", (name) => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join("examples", name)],
      { cwd: root, encoding: "utf8", timeout: 25_000 },
    );
    expect({ status, signal, stderr }).toEqual({
      status: 0,
      signal: null,
      stderr: "",
    });
    expect(stdout).toMatch(/^ok: .+\n$/);
  });
});
