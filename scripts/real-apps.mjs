// Real applications, unchanged, with the register door and without: each is run twice and has to give the same result.
// They are installed into a folder of their own, which is kept between runs: `npm run apps -- [name...]`.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { apps } from "./support/apps.mjs";

const root = path.resolve(import.meta.dirname, "..");
const home = path.join(os.tmpdir(), "node-eio-apps");
const preload = `--import ${pathToFileURL(path.join(root, "dist/register.js")).href}`;
const wanted = process.argv.slice(2);
const LIMIT_MS = 180_000;

const outcomes = [];
for (const app of apps) {
  if (wanted.length !== 0 && !wanted.includes(app.name)) continue;
  outcomes.push({ name: app.name, ...(await tryOut(app)) });
  const { name, outcome, detail } = outcomes.at(-1);
  console.log(`${outcome.padEnd(7)} ${name.padEnd(24)} ${detail}`);
}
const failed = outcomes.filter(({ outcome }) => outcome === "FAILED");
console.log(
  `${outcomes.length - failed.length} of ${outcomes.length} give the same result`,
);
process.exitCode = failed.length === 0 && outcomes.length > 0 ? 0 : 1;

async function tryOut(app) {
  const folder = path.join(home, app.name);
  const installed = install(app, folder);
  if (installed !== null) return { outcome: "absent", detail: installed };
  const runs = [];
  for (const options of ["", preload]) {
    fs.rmSync(path.join(folder, "work"), { recursive: true, force: true });
    fs.mkdirSync(path.join(folder, "work"));
    for (const [name, text] of Object.entries(app.files ?? {})) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    const started = performance.now();
    const ran = await run(app, folder, options);
    runs.push({ ...ran, ms: Math.round(performance.now() - started) });
  }
  const [plain, ours] = runs;
  if (plain.status !== 0)
    return {
      outcome: "absent",
      detail: `fails without us, too: ${plain.output.slice(-200)}`,
    };
  if (ours.result === plain.result && ours.status === 0 && plain.result !== "")
    return {
      outcome: "same",
      detail: `${plain.ms} ms without, ${ours.ms} ms with; ${app.about}`,
    };
  return {
    outcome: "FAILED",
    detail: `status ${ours.status}\n--- without\n${plain.result.slice(0, 2000)}\n--- with\n${ours.result.slice(0, 2000)}\n${ours.output.slice(-2000)}`,
  };
}

/** null, or why it is not there. */
function install({ packages }, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const manifest = path.join(folder, "package.json");
  const text = JSON.stringify({ private: true, dependencies: packages });
  if (fs.existsSync(manifest) && fs.readFileSync(manifest, "utf8") === text)
    return null;
  fs.writeFileSync(manifest, text);
  const ran = spawnSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (ran.status === 0) return null;
  fs.rmSync(manifest);
  return `it cannot be installed: ${ran.stderr.slice(-300)}`;
}

/** Its result is what it prints, and the files that it has left in work/, by name and content. */
function run({ command, program, result }, folder, options) {
  const args = command ?? [process.execPath, "program.mjs"];
  if (program !== undefined)
    fs.writeFileSync(path.join(folder, "program.mjs"), program);
  const env = { ...process.env, NODE_OPTIONS: options, NO_COLOR: "1", CI: "1" };
  delete env.FORCE_COLOR;
  const child = spawn(args[0], args.slice(1), {
    cwd: folder,
    env,
    timeout: LIMIT_MS,
  });
  let stdout = "";
  let output = "";
  child.stdout.on("data", (data) => ((stdout += data), (output += data)));
  child.stderr.on("data", (data) => (output += data));
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      const status = code ?? signal;
      const printed = result === "files" ? "" : stdout;
      const files = contentsOf(path.join(folder, "work"));
      resolve({ status, output, result: status === 0 ? printed + files : "" });
    });
  });
}

function contentsOf(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map(
      (file) =>
        `${path.relative(folder, file)}: ${createHash("sha256").update(fs.readFileSync(file)).digest("hex")}\n`,
    )
    .join("");
}
