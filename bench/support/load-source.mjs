// Runs a file of our TypeScript from a script: built by the same tool as the package, into a folder
// of its own, so that what is measured or printed is the tree's and not an older build's.
import { createHash } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");

/** @param {string} file relative to the project */
export async function loadSource(file) {
  const name = createHash("sha1").update(file).digest("hex").slice(0, 8);
  const outfile = path.join(
    root,
    "node_modules/.cache/source",
    name,
    "main.mjs",
  );
  await build({
    entryPoints: [path.join(root, file)],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    target: "node20",
    platform: "node",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}
