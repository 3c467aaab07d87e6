// The events of fanotify as they lie in memory, one behind the other, taken apart by the C code alone: no right to watch is needed.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const root = path.resolve(import.meta.dirname, "../..");
const sources = path.join(root, "native-aio/src");

describe.skipIf(loadNative().addon === null)("events of fanotify", () => {
  it("are read wherever the one before ends, and not as what is aligned", () => {
    const program = folder.join("fan-notes");
    const files = ["fan-notes.c", "fan-folders.c"];
    execFileSync("gcc", [
      ...[
        "-Wall",
        "-Wextra",
        "-Werror",
        "-O1",
        "-D_GNU_SOURCE",
        `-I${sources}`,
      ],
      // An access at the wrong address ends the program.
      ...["-fsanitize=alignment", "-fsanitize-undefined-trap-on-error"],
      ...["-o", program, path.join(import.meta.dirname, "fan-notes.c")],
      ...files.map((file) => path.join(sources, file)),
    ]);
    const names = ["a", "name-of-12-b", "abc", "abcd", "z".repeat(255), "end"];
    const printed = execFileSync(program, names, { encoding: "utf8" });
    expect(printed.trim().split("\n")).toEqual(
      names.map((name) => `0 ${name}`),
    );
  });
});
