// What is published has the binaries that README promises, or is not published. How they are made is not known here.
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import {
  fileOf,
  lackedBy,
  promised,
  refusal,
} from "../../scripts/support/prebuilds.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const { files, scripts } = JSON.parse(
  fs.readFileSync(path.join(root, "package.json"), "utf8"),
) as { files: string[]; scripts: Record<string, string> };

it("a tarball lacks each binary that is promised and not in it", () => {
  const all = ["dist/index.js", ...promised.map(fileOf)];
  expect(promised).toContain("linux-x64-glibc");
  expect(lackedBy(all)).toEqual([]);
  expect(lackedBy(all.filter((file) => !file.includes("glibc")))).toEqual(
    promised.filter((name) => name.includes("glibc")),
  );
  expect(refusal(lackedBy([]))).toContain(fileOf(promised[0]!));
});

it("packing and publishing require them", () => {
  expect(files).toContain("prebuilds");
  expect(scripts["prepack"]).toBe("node scripts/prebuild.mjs --required");
  expect(scripts["prepublishOnly"]).toMatch(/test:pack -- --required$/);
});
