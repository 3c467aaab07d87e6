// The declarations of dist/: bundled for each door, mended, and once more for require(). It knows the
// kinds of doors, and not what they export.
import fs from "node:fs";
import path from "node:path";
import { build } from "tsup";
import { withDocs } from "./door-docs.mjs";

/**
 * @param {string} folder of the package
 * @param {string} out
 * @param {Record<string, { property?: string, default?: string }>} doors by their file in the package's src/
 */
export async function writeTypes(folder, out, doors) {
  await build({
    config: false,
    silent: true,
    entry: Object.fromEntries(
      Object.keys(doors).map((name) => [
        name,
        path.join(folder, `src/${name}.ts`),
      ]),
    ),
    outDir: out,
    format: "esm",
    // What is built is what packages see of each other: to read it takes a third of the time of reading sources.
    dts: { only: true, compilerOptions: { paths: {} } },
    external: [/^(@node-eio\/|node-eio($|\/))/],
  });
  for (const name of fs.readdirSync(out)) {
    if (!name.endsWith(".d.ts")) continue;
    const text = withDocs(
      mended(fs.readFileSync(path.join(out, name), "utf8")),
    );
    fs.writeFileSync(path.join(out, name), text);
    fs.writeFileSync(
      path.join(out, name.replace(/\.d\.ts$/, ".d.cts")),
      forRequire(text, doors[name.replace(/\.d\.ts$/, "")]),
    );
  }
}

/**
 * The bundler makes a plain export of "export type *": our doors give Node's types under their names, but not
 * its values. And what the compiler writes of memory, where it is what is there by default, was no type before TypeScript 5.7.
 */
const mended = (text) =>
  text
    .replaceAll("export * from 'node:", "export type * from 'node:")
    .replace(/\b(\w*Array|Buffer|DataView)<ArrayBufferLike>/g, "$1");

/**
 * What require() returns of a door that is a property of the instance is one object: it has no default, and
 * what it holds may be replaced, as tests do.
 */
function forRequire(text, door) {
  const linked = text.replaceAll(/(['"])(\.\/[\w-]+)\.js\1/g, "$1$2.cjs$1");
  if (door?.property === undefined) return linked;
  return linked
    .replaceAll(/\b\w+ as default(?:, )?/g, "")
    .replaceAll(/^declare const /gm, "declare let ");
}
