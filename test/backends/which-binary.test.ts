// Which of the binaries in the package is loaded: the one for this processor and for the C library that this Node is linked with. What is in them
// is not looked at here.
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fileOf, promised } from "../../scripts/support/prebuilds.mjs";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const root = path.resolve(import.meta.dirname, "../..");
const { execPath, arch } = process;

/** A Node of that name: what an executable begins with is the name of its loader. */
function runAs(name: string): void {
  const [, processor = "", libc] = name.split("-");
  const loader =
    libc === "musl" ? "/lib/ld-musl-any.so.1" : "/lib64/ld-linux-any.so.2";
  process.execPath = folder.join(name);
  fs.writeFileSync(process.execPath, `\x7fELF${"\0".repeat(788)}${loader}\0`);
  Object.defineProperty(process, "arch", { value: processor });
}

/** The files that are looked for, none of which is there. */
async function lookedFor(): Promise<{ files: string[]; reason: string }> {
  vi.resetModules();
  const { loadNative } = await import("../../src/backends/native.ts");
  const files: string[] = [];
  const spy = vi.spyOn(fs, "existsSync").mockImplementation((file) => {
    files.push(path.relative(root, String(file)));
    return false;
  });
  const loaded = loadNative();
  spy.mockRestore();
  return { files, reason: loaded.addon === null ? loaded.reason : "loaded" };
}

afterEach(() => {
  process.execPath = execPath;
  Object.defineProperty(process, "arch", { value: arch });
});

describe.runIf(
  process.platform === "linux" && process.env["NODE_EIO_NATIVE"] === undefined,
)("the binary in the package", () => {
  it.each([...promised])("for %s is the one of that name", async (name) => {
    runAs(name);
    const { files, reason } = await lookedFor();
    expect(files).toEqual([
      "native-aio/build/Release/node-eio.node",
      fileOf(name),
    ]);
    expect(reason).toContain(`no binary for ${name} came along`);
  });

  it("is that for glibc where the executable may not be read", async () => {
    process.execPath = folder.join("none");
    const { files } = await lookedFor();
    expect(files.at(-1)).toBe(fileOf(`linux-${arch}-glibc`));
  });
});
