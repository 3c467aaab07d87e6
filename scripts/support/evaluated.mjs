// Modules of ours that are data: they run when the package is built, and what they export is in the package as JSON. V8 reads that
// in a fraction of the time that it takes to compile and run what makes it. It does not know what the data means.
import path from "node:path";
import { pathToFileURL } from "node:url";
import fs from "node:fs";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");

export const evaluatedModules = ["src/ops/declarations.ts"];

/** By file: several bundles have them, and are made at the same time. */
const texts = new Map();

/** A plugin for esbuild. */
export const evaluated = {
  name: "evaluated",
  setup({ onLoad }) {
    const files = new Set(
      evaluatedModules.map((file) => path.join(root, file)),
    );
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      if (!files.has(file)) return undefined;
      if (!texts.has(file)) texts.set(file, evaluate(file));
      return { contents: await texts.get(file), loader: "js" };
    });
  },
};

/** The text of a module that exports what that one does. @param {string} file */
export async function evaluate(file) {
  const name = `${path.basename(file, ".ts")}-${process.pid}.mjs`;
  const outfile = path.join(root, "node_modules/.cache/evaluated", name);
  try {
    await build({
      entryPoints: [file],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      logLevel: "warning",
    });
    const exported = await import(pathToFileURL(outfile).href);
    return Object.entries(exported)
      .map(([name, value]) => {
        const json = JSON.stringify(JSON.stringify(value));
        return `export const ${name} = JSON.parse(${json});\n`;
      })
      .join("");
  } finally {
    fs.rmSync(outfile, { force: true });
  }
}
