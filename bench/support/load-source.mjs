// Runs a file of our TypeScript from a script: built by the same tool as the package, into a folder
// of its own, so that what is measured or printed is the tree's and not an older build's.
import { createHash } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "tsup";

const root = path.resolve(import.meta.dirname, "../..");

/** @param {string} file relative to the project */
export async function loadSource(file) {
  const name = createHash("sha1").update(file).digest("hex").slice(0, 8);
  const outDir = path.join(root, "node_modules/.cache/source", name);
  await build({
    config: false,
    silent: true,
    entry: { main: path.join(root, file) },
    outDir,
    format: "esm",
    outExtension: () => ({ js: ".mjs" }),
    target: "node20",
    platform: "node",
    splitting: false,
    removeNodeProtocol: false,
    external: ["piscina", "typescript"],
    noExternal: ["minimatch"],
  });
  return import(pathToFileURL(path.join(outDir, "main.mjs")).href);
}
