// SHA-256 in C, compiled as it is here and without the processor's instructions: both are that of node:crypto, whatever pieces the bytes
// come in.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const root = path.resolve(import.meta.dirname, "../..");
const sources = path.join(root, "native-aio/src");

describe.skipIf(loadNative().addon === null).each([
  ["as it is compiled here", []],
  ["without the processor's instructions", ["-DEIO_PLAIN_SHA256"]],
])("SHA-256 %s", (name, flags) => {
  const program = folder.join(name.replaceAll(/\W/g, "-"));
  beforeAll(() => {
    const files = [
      path.join(import.meta.dirname, "sha256.c"),
      path.join(sources, "sha256.c"),
    ];
    const warnings = ["-Wall", "-Wextra", "-Werror", "-O2"];
    execFileSync("gcc", [
      ...[...warnings, ...flags, `-I${sources}`],
      ...["-o", program, ...files],
    ]);
  });

  it.each([0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 100_003])(
    "of %i bytes, in pieces of any length",
    (length) => {
      const input = Buffer.from(
        Uint8Array.from({ length }, (_, i) => (i * 7 + 3) % 256),
      );
      const expected = createHash("sha256").update(input).digest("hex");
      const pieces = ["1", "7", "64", "65", "65536"];
      const found = execFileSync(program, pieces, { input, encoding: "utf8" });
      expect(found.trim().split("\n")).toEqual(pieces.map(() => expected));
    },
  );
});
