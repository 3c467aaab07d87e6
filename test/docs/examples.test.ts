// Runs every example against the built package: each checks itself, prints ok, and ends by itself.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runNode } from "../helpers/run-node.ts";

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

/** An example that runs for longer hangs; several run at a time. */
const ENDS_AFTER_MS = 60_000;

describe("examples", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  it.concurrent.each(examples)(
    "%s",
    async (name) => {
      const { status, signal, stdout, stderr } = await runNode(
        [path.join("examples", name)],
        { cwd: root, timeout: ENDS_AFTER_MS },
      );
      expect({ status, signal, stderr }).toEqual({
        status: 0,
        signal: null,
        stderr: "",
      });
      expect(stdout).toMatch(/^ok: .+\n$/);
    },
    2 * ENDS_AFTER_MS,
  );
});

/** Where perl has IO::AIO, the original lists the same tree. */
const perl = spawnSync("perl", ["-MIO::AIO", "-e", "0"]).status === 0;
if (!perl) console.log("io-aio-port: no IO::AIO here, so only the port runs");

/** IO::AIO's own treescan, which Debian's package installs beside it. */
const treescan = spawnSync("treescan", ["--help"]).status !== null;
if (!treescan) console.log("treescan: not installed here; only ours runs");

describe("treescan", () => {
  const ours = path.join("examples", "treescan.mjs");
  const tree = path.join(root, "src");
  const outputOf = (command: string, args: string[]): string =>
    execFileSync(command, args, { cwd: root, encoding: "utf8" });
  const sorted = (text: string, end = "\n"): string[] => text.split(end).sort();

  it.skipIf(!treescan).each(["", "-s", "-d", "-f"])(
    "lists what IO::AIO's treescan lists (%s)",
    (option) => {
      const args = [option, tree].filter(Boolean);
      expect(sorted(outputOf(process.execPath, [ours, ...args]))).toEqual(
        sorted(outputOf("treescan", args)),
      );
    },
  );

  it.skipIf(!perl)("counts what a program for IO::AIO counts", () => {
    const original = path.join("examples", "io-aio-port", "original.pl");
    const [counted] = outputOf(process.execPath, [ours, "-c", tree]).split(
      "\n",
    );
    expect(`${counted}\n`).toBe(outputOf("perl", [original, tree]));
  });
});

describe("the port of a program for IO::AIO", () => {
  const port = path.join("examples", "io-aio-port", "port.mjs");
  const outputOf = (command: string, args: string[]): string =>
    execFileSync(command, args, { cwd: root, encoding: "utf8" });

  it("runs", () => {
    expect(outputOf(process.execPath, [port])).toMatch(/^ok: .+\n$/);
  });

  it.skipIf(!perl)("prints what the original prints", () => {
    const tree = path.join(root, "src");
    const original = path.join("examples", "io-aio-port", "original.pl");
    expect(outputOf(process.execPath, [port, tree])).toBe(
      outputOf("perl", [original, tree]),
    );
  });
});
