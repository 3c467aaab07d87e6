// `npm run build`: makes dist/ in a folder beside it and puts that in its place, so that a program which runs
// meanwhile finds the old one or the new one. `--js` keeps the types and the native code that there are.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { bundle } from "./support/bundle.mjs";
import { writeTypes } from "./support/types.mjs";

const root = path.resolve(import.meta.dirname, "..");
const dist = path.join(root, "dist");
const fresh = path.join(root, `dist.${process.pid}`);
const old = path.join(root, `dist.${process.pid}.old`);
const isType = (name) => /\.d\.c?ts$/.test(name);

process.on("exit", () => {
  for (const folder of [fresh, old])
    fs.rmSync(folder, { recursive: true, force: true });
});

await bundle(fresh);
if (process.argv.includes("--js")) {
  for (const name of fs.existsSync(dist) ? fs.readdirSync(dist) : [])
    if (isType(name))
      fs.copyFileSync(path.join(dist, name), path.join(fresh, name));
} else {
  await writeTypes(fresh);
  const { status } = spawnSync(
    process.execPath,
    [path.join(root, "scripts/build-native.mjs")],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(status ?? 1);
}
if (fs.existsSync(dist)) fs.renameSync(dist, old);
fs.renameSync(fresh, dist);
console.log(`dist: ${fs.readdirSync(dist).length} files`);
