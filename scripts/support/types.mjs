// The declarations of dist/: bundled for each door, mended, and once more for require(). They are kept by what they are made of. It
// knows the kinds of doors, and not what they export.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { build } from "tsup";
import { withDocs } from "./door-docs.mjs";
import { packages } from "./packages.mjs";

const root = path.resolve(import.meta.dirname, "../..");
/** What declarations follow from, those of a package from those of the core. */
const SOURCES = [
  ...["src", ...Object.keys(packages).map((name) => `packages/${name}/src`)],
  ...["package-lock.json", "tsconfig.json", "scripts/support"],
];
let key;

/**
 * @param {string} folder of the package
 * @param {string} out
 * @param {Record<string, { property?: string, default?: string }>} doors by their file in the package's src/
 */
export async function writeTypes(folder, out, doors) {
  key ??= keyOf(SOURCES);
  const cache = path.join(root, "node_modules/.cache/types");
  const name = path.relative(root, folder).replaceAll(path.sep, "-") || "core";
  const kept = path.join(cache, `${name}-${key}`);
  if (!fs.existsSync(kept)) {
    const fresh = `${kept}.${process.pid}`;
    fs.rmSync(fresh, { recursive: true, force: true });
    await makeTypes(folder, fresh, doors);
    for (const other of fs.readdirSync(cache))
      if (!other.includes(key))
        fs.rmSync(path.join(cache, other), { recursive: true, force: true });
    fs.renameSync(fresh, kept);
  }
  fs.cpSync(kept, out, { recursive: true });
}

/** @param {string[]} places files, and folders with all that is in them */
function keyOf(places) {
  const hash = createHash("sha1");
  const files = places.flatMap((place) =>
    fs.statSync(path.join(root, place)).isFile()
      ? [place]
      : fs
          .readdirSync(path.join(root, place), {
            recursive: true,
            withFileTypes: true,
          })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) =>
            path.relative(root, path.join(parentPath, name)),
          ),
  );
  for (const file of files.sort())
    hash.update(`${file}\0`).update(fs.readFileSync(path.join(root, file)));
  return hash.digest("hex");
}

async function makeTypes(folder, out, doors) {
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
    dts: {
      only: true,
      compilerOptions: {
        // What is built is what packages see of each other: to read it takes a third of the time of reading sources.
        paths: {},
        // `npm run typecheck` does it, for all that there is.
        noCheck: true,
      },
    },
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
