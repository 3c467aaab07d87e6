// `npm run build`: makes dist/ of each package and of the core in a folder beside it and puts that in its place, so that a program
// which runs meanwhile finds the old one or the new one. `--js` keeps the types and the native code that there are.
import "./generate.mjs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { bundlePackage } from "./support/bundle-packages.mjs";
import { bundle } from "./support/bundle.mjs";
import { carried, packages } from "./support/packages.mjs";
import { writePassedOn } from "./support/passed-on.mjs";
import { writeTypes, writeTypesOfPackages } from "./support/types.mjs";

const root = path.resolve(import.meta.dirname, "..");
const onlyJs = process.argv.includes("--js");
const isType = (name) => /\.d\.c?ts$/.test(name);
const folderOf = (name) => path.join(root, "packages", name);

// A compiler beside all of what follows, most of which is one thread's work.
const native = onlyJs ? 0 : buildNative();
await make(root, async (out) => {
  // A thread of its own, too.
  const types = onlyJs ? null : writeTypes(out);
  const exportsOf = {};
  for (const name of Object.keys(packages))
    await make(folderOf(name), async (out) => {
      exportsOf[name] = await bundlePackage(name, out);
    });
  await bundle(out);
  writePassedOn(out, exportsOf);
  for (const [name, folder] of Object.entries(carried))
    carry(name, out, folder);
  await types;
});
if (!onlyJs)
  await writeTypesOfPackages((name) => path.join(folderOf(name), "dist"));
const status = await native;
if (status !== 0) process.exit(status ?? 1);

async function buildNative() {
  const script = path.join(root, "scripts/build-native.mjs");
  const child = spawn(process.execPath, [script], { stdio: "inherit" });
  const [status] = await once(child, "exit");
  return status;
}

/** Fills a new dist/ and puts it in the place of the old one, of which `--js` keeps the types. */
async function make(folder, fill) {
  const dist = path.join(folder, "dist");
  const fresh = `${dist}.${process.pid}`;
  const old = `${fresh}.old`;
  process.on("exit", () => {
    for (const left of [fresh, old])
      fs.rmSync(left, { recursive: true, force: true });
  });
  await fill(fresh);
  if (onlyJs)
    for (const name of fs.existsSync(dist) ? fs.readdirSync(dist) : [])
      if (isType(name) && !fs.existsSync(path.join(fresh, name)))
        fs.copyFileSync(path.join(dist, name), path.join(fresh, name));
  if (fs.existsSync(dist)) fs.renameSync(dist, old);
  fs.renameSync(fresh, dist);
  const made = path.relative(root, dist);
  console.log(`${made}: ${fs.readdirSync(dist).length} files`);
}

/** What runs of a package, without its types and source maps. */
function carry(name, out, folder) {
  const [, short] = name.split("/");
  fs.cpSync(path.join(folderOf(short), "dist"), path.join(out, folder), {
    recursive: true,
    filter: (file) => !/\.(d\.c?ts|map)$/.test(file),
  });
}
