// The declarations of dist/: bundled for each door, mended, and once more for require(). They are kept by what they are made of. It
// knows the kinds of doors, and not what they export.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { build } from "tsup";
import { withDocs } from "./door-docs.mjs";
import { doors as coreDoors } from "./doors.mjs";
import { packages } from "./packages.mjs";

const root = path.resolve(import.meta.dirname, "../..");
/** What declarations follow from, those of a package from those of the core. */
const SOURCES = [
  ...["src", ...Object.keys(packages).map((name) => `packages/${name}/src`)],
  ...["package-lock.json", "tsconfig.json", "scripts/support"],
];
let key;

/** @param {string} out where those of the core go */
export async function writeTypes(out) {
  const kept = await keptTypes("core", async (fresh) => {
    const doors = Object.keys(coreDoors).map((door) => [
      door,
      path.join(root, `src/${door}.ts`),
    ]);
    await bundleTypes(fresh, Object.fromEntries(doors), {});
    finish(fresh, coreDoors);
  });
  fs.cpSync(kept, out, { recursive: true });
}

/**
 * They read those of the core as they were built: that takes a third of the time of reading its sources.
 * @param {(name: string) => string} outOf where those of a package go
 */
export async function writeTypesOfPackages(outOf) {
  const kept = await keptTypes("packages", makeTypesOfPackages);
  for (const name of Object.keys(packages))
    fs.cpSync(path.join(kept, name), outOf(name), { recursive: true });
}

/** All by one compiler, a folder for each. */
async function makeTypesOfPackages(out) {
  const entry = {};
  const paths = {};
  for (const [name, { doors }] of Object.entries(packages)) {
    const src = path.join(root, `packages/${name}/src`);
    for (const door of Object.keys(doors))
      entry[`${name}/${door}`] = path.join(src, `${door}.ts`);
    paths[`@node-eio/${name}`] = [path.join(src, "index.ts")];
    paths[`@node-eio/${name}/*`] = [path.join(src, "*.ts")];
  }
  await bundleTypes(out, entry, paths);
  for (const [name, { doors }] of Object.entries(packages)) {
    takeShared(out, path.join(out, name));
    finish(path.join(out, name), doors);
  }
}

/** What doors of a package share lies beside its folder. */
function takeShared(out, folder) {
  const names = fs.readdirSync(folder);
  for (const name of names) {
    const file = path.join(folder, name);
    const text = fs
      .readFileSync(file, "utf8")
      .replace(/(['"])\.\.\/(?=[\w-]+\.js\1)/g, "$1./");
    fs.writeFileSync(file, text);
    for (const [, , shared] of text.matchAll(/(['"])\.\/([\w-]+)\.js\1/g)) {
      const other = `${shared}.d.ts`;
      if (names.includes(other)) continue;
      names.push(other);
      fs.copyFileSync(path.join(out, other), path.join(folder, other));
    }
  }
}

/** The folder of what `make` makes, or has made of the same sources. */
async function keptTypes(name, make) {
  key ??= keyOf(SOURCES);
  const cache = path.join(root, "node_modules/.cache/types");
  const kept = path.join(cache, `${name}-${key}`);
  if (fs.existsSync(kept)) return kept;
  const fresh = `${kept}.${process.pid}`;
  fs.rmSync(fresh, { recursive: true, force: true });
  await make(fresh);
  for (const other of fs.readdirSync(cache))
    if (!other.includes(key))
      fs.rmSync(path.join(cache, other), { recursive: true, force: true });
  // Another build may have been faster.
  if (fs.existsSync(kept)) fs.rmSync(fresh, { recursive: true });
  else fs.renameSync(fresh, kept);
  return kept;
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

/**
 * @param {string} outDir
 * @param {Record<string, string>} entry file by name
 * @param {Record<string, string[]>} paths what is read of packages of ours; all else as it was built
 */
function bundleTypes(outDir, entry, paths) {
  return build({
    config: false,
    silent: true,
    entry,
    outDir,
    format: "esm",
    dts: {
      only: true,
      // `npm run typecheck` checks, all that there is.
      compilerOptions: { paths, noCheck: true },
    },
    external: [/^(@node-eio\/|node-eio($|\/))/],
  });
}

/**
 * Declarations are written once, for require: what is imported passes them on, unless it has a default beside them, and takes from
 * them what doors share. Types are the same then whichever way they came, and a tarball has them once.
 * @param {Record<string, { property?: string, default?: string }>} doors by their file
 */
function finish(folder, doors) {
  for (const file of fs.readdirSync(folder)) {
    const name = file.replace(/\.d\.ts$/, "");
    const at = path.join(folder, name);
    const text = ofRequire(
      withDocs(mended(fs.readFileSync(`${at}.d.ts`, "utf8"))),
    );
    const door = doors[name];
    fs.writeFileSync(`${at}.d.cts`, withoutDefault(text, door));
    if (door === undefined) fs.rmSync(`${at}.d.ts`);
    else if (DEFAULT.test(text)) fs.writeFileSync(`${at}.d.ts`, text);
    else fs.writeFileSync(`${at}.d.ts`, `export * from "./${name}.cjs";\n`);
  }
}

const DEFAULT = /\b\w+ as default\b/;

/**
 * The bundler makes a plain export of "export type *": our doors give Node's types under their names, but not
 * its values. And what the compiler writes of memory, where it is what is there by default, was no type before TypeScript 5.7.
 */
const mended = (text) =>
  text
    .replaceAll("export * from 'node:", "export type * from 'node:")
    .replace(/\b(\w*Array|Buffer|DataView)<ArrayBufferLike>/g, "$1");

const ofRequire = (text) =>
  text.replaceAll(/(['"])(\.\/[\w-]+)\.js\1/g, "$1$2.cjs$1");

/**
 * What require() returns of a door that is a property of the instance is one object: it has no default, and
 * what it holds may be replaced, as tests do.
 */
function withoutDefault(text, door) {
  if (door?.property === undefined) return text;
  return text
    .replaceAll(/\b\w+ as default(?:, )?/g, "")
    .replaceAll(/^declare const /gm, "declare let ");
}
