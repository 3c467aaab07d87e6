// `npm start`: the project's own documents, served by the project. Builds what is not built yet, and hands
// further arguments to the server: npm start -- --port 3000
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const built = [
  "cli.js",
  "worker.cjs",
  "../packages/serve/dist/command.js",
].every((name) => fs.existsSync(path.join(root, "dist", name)));

/** The build's output is printed only when it fails. */
function build(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`${stdout ?? ""}${stderr ?? ""}${error ?? ""}`);
  console.error(`The build failed: ${command} ${args.join(" ")}`);
  process.exit(1);
}

if (!built) {
  console.log("Building (once) ...");
  build(process.execPath, ["scripts/build.mjs", "--js"]);
  build(process.execPath, ["scripts/build-native.mjs"]);
}

process.chdir(root);
process.argv = [
  ...process.argv.slice(0, 2),
  ...["serve", "docs", "--listing", "--type", "md=text/plain"],
  ...process.argv.slice(2),
];
await import("../dist/cli.js");
