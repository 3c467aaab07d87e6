// The events of fanotify as they lie in memory, one behind the other, taken apart by the C code alone: no right to watch is needed.
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const root = path.resolve(import.meta.dirname, "../..");
const sources = path.join(root, "native-aio/src");

/** A program of this folder, with files of the native code. */
function compile(name: string, flags: string[], files: string[]): string {
  const program = folder.join(name);
  execFileSync("gcc", [
    ...["-Wall", "-Wextra", "-Werror", "-O1", "-D_GNU_SOURCE"],
    `-I${sources}`,
    ...flags,
    ...["-o", program, path.join(import.meta.dirname, `${name}.c`)],
    ...files.map((file) => path.join(sources, file)),
  ]);
  return program;
}

describe.skipIf(loadNative().addon === null)("events of fanotify", () => {
  it("are read wherever the one before ends, and not as what is aligned", () => {
    const files = ["fan-notes.c", "fan-folders.c"];
    const flags = [
      "-fsanitize=alignment",
      "-fsanitize-undefined-trap-on-error",
    ];
    const program = compile("fan-notes", flags, files);
    const names = ["a", "name-of-12-b", "abc", "abcd", "z".repeat(255), "end"];
    const printed = execFileSync(program, names, { encoding: "utf8" });
    expect(printed.trim().split("\n")).toEqual(
      names.map((name) => `0 ${name}`),
    );
  });

  it("are of folders that are found by what the kernel calls them, under numbers that are given once", () => {
    const flags = ["-fsanitize=address", "-static-libasan"];
    const program = compile("fan-folders", flags, ["fan-folders.c"]);
    const env = { ...process.env, LD_PRELOAD: "" };
    const { status, stderr } = spawnSync(program, { encoding: "utf8", env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
