// Checks the tarball, not the tree: packs it, lints it as a package, checks how its types resolve, installs
// it into an empty project, and runs the smoke programs there.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { runSmoke } from "./run-smoke.mjs";

const root = path.resolve(import.meta.dirname, "..");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-pack-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));

const [packed] = JSON.parse(
  execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", work],
    {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    },
  ),
);
const tarball = path.join(work, packed.filename);
console.log(
  `${packed.filename}: ${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB`,
);

const app = path.join(work, "app");
fs.mkdirSync(app);
fs.writeFileSync(path.join(app, "package.json"), '{ "private": true }\n');

step(
  "publint",
  "npx",
  ["--no-install", "publint", "run", tarball, "--strict"],
  root,
);
step(
  "attw",
  "npx",
  ["--no-install", "attw", tarball, "--profile", "esm-only"],
  root,
);
step(
  "install",
  "npm",
  ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball],
  app,
);
fs.cpSync(path.join(root, "test/smoke"), app, { recursive: true });
writeConsumers();
step("types", path.join(root, "node_modules/.bin/tsc"), ["-p", "."], app);
console.log("smoke (installed from the tarball)");
if (!runSmoke(app)) process.exit(1);

/** Two programs in TypeScript, one of each module system: that they compile is what is checked. */
function writeConsumers() {
  fs.writeFileSync(
    path.join(app, "esm.mts"),
    `import promises, { readFile } from "node-eio/promises";
     import fs from "node-eio/fs";
     export const text: Promise<string> = readFile("file", "utf8");
     export const same: Promise<string> = promises.readFile("file", "utf8");
     fs.readFile("file", (_error, data: Buffer) => data.length);\n`,
  );
  fs.writeFileSync(
    path.join(app, "cjs.cts"),
    `import promises = require("node-eio/promises");
     import fs = require("node-eio/fs");
     export const text: Promise<string> = promises.readFile("file", "utf8");
     export const same: Promise<string> = fs.promises.readFile("file", "utf8");
     fs.readFile = fs.readFile;\n`,
  );
  fs.writeFileSync(
    path.join(app, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        module: "nodenext",
        target: "es2022",
        strict: true,
        noEmit: true,
        types: ["node"],
        typeRoots: [path.join(root, "node_modules/@types")],
      },
      files: ["esm.mts", "cjs.cts"],
    }),
  );
}

function step(name, command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
  });
  if (status !== 0) {
    console.error(`${name} failed (status ${status})\n${stdout}${stderr}`);
    process.exit(1);
  }
  console.log(`${name}: ok`);
}
