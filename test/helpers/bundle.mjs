// Makes one runnable file of a TypeScript program of the tests, for child processes: Node 20 runs no
// TypeScript. Beside it lies a worker.cjs that stands for the built one.
import fs from "node:fs";
import path from "node:path";
import { buildSync } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");
const cache = path.join(root, "node_modules/.cache/node-eio-tests");

/** The path of the bundle of a program, which is given relative to the project. */
export function bundle(program) {
  const worker = path.join(root, "dist/worker.cjs");
  if (!fs.existsSync(worker)) throw new Error("Build first: npm run build:js");
  const folder = path.join(cache, String(process.pid));
  const outfile = path.join(folder, `${path.basename(program, ".ts")}.mjs`);
  buildSync({
    entryPoints: [path.join(root, program)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "error",
    define: { "process.env.EIO_ROOT": JSON.stringify(root) },
  });
  fs.writeFileSync(
    path.join(folder, "worker.cjs"),
    `module.exports = require(${JSON.stringify(worker)});\n`,
  );
  process.once("exit", () =>
    fs.rmSync(folder, { recursive: true, force: true }),
  );
  return outfile;
}
