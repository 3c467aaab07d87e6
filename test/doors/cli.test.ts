// The `node-eio` command from outside: what it says, where, and the status it ends with.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const { version, bin } = JSON.parse(
  fs.readFileSync(path.join(root, "package.json"), "utf8"),
) as { version: string; bin: Record<string, string> };

function run(...args: string[]): {
  status: number | null;
  out: string;
  err: string;
} {
  const command = path.join(root, bin["node-eio"]!);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, ...args],
    { encoding: "utf8", timeout: 100_000 },
  );
  return { status, out: stdout, err: stderr };
}

describe("node-eio", () => {
  it("prints its version", () => {
    expect(run("--version")).toEqual({
      status: 0,
      out: `${version}\n`,
      err: "",
    });
  });

  it.each(["--help", "-h", "help"])("prints its commands for %s", (how) => {
    const { status, out, err } = run(how);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain("  bench ");
  });

  it.each([
    [[], "no command"],
    [["benhc"], 'no command "benhc"'],
    [["toString"], 'no command "toString"'],
  ])("refuses %j with the help and status 2", (args, what) => {
    const { status, out, err } = run(...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(`node-eio: ${what}\n`);
    expect(err).toContain("  bench ");
  });

  it("can be started by its own name", () => {
    const file = path.join(root, bin["node-eio"]!);
    expect(fs.statSync(file).mode & 0o111).not.toBe(0);
    const first = fs.readFileSync(file, "utf8").split("\n")[0];
    expect(first).toBe("#!/usr/bin/env node");
  });
});

describe("node-eio bench machine", () => {
  it("describes the machine, and the file system of a folder", () => {
    const { status, out, err } = run("bench", "machine", root);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain(`node-eio ${version}, Node ${process.versions.node}`);
    if (process.platform === "linux")
      expect(out).toMatch(/ on .*mounted on \//);
  });

  it("refuses a folder that is not there", () => {
    const { status, err } = run("bench", "machine", "/missing/folder");
    expect(status).toBe(2);
    expect(err).toContain("there is no /missing/folder");
  });
});
