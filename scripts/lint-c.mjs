// Checks the C core's format with clang-format, by native-aio/.clang-format; `--fix` mends it. Where there
// is no clang-format (Debian's package clang-format) it says so, and is done.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const style = `--style=file:${path.join(root, "native-aio/.clang-format")}`;
const mode = process.argv.includes("--fix")
  ? ["-i"]
  : ["--dry-run", "--Werror"];
const files = [
  "native-aio/src",
  "test/native",
  "test/power/disk",
  "bench",
].flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => /(?<!\.gen)\.[ch]$/.test(name))
    .map((name) => path.join(folder, name)),
);

const { status, error } = spawnSync(
  "clang-format",
  [style, ...mode, ...files],
  {
    cwd: root,
    stdio: "inherit",
  },
);
if (error?.code === "ENOENT") {
  console.log("C format: not checked (there is no clang-format here)");
} else {
  console.log(`C format: ${status === 0 ? "ok" : "not as it should be"}`);
  process.exitCode = status ?? 1;
}
