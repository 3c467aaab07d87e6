// Tries the packages, as they would be published, with the tools that people have: compilers, bundlers, test runners, installers,
// other runtimes and other machines. Each tool has a small application of its own; one that cannot be had here is skipped,
// with the reason. Usage: npm run test:tools -- [--only NAME] [--record]     --record: writes what was tried into docs/tools.md
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { installAll, packAll } from "./support/tarballs.mjs";
import { NotHere, openToolProject } from "./support/tool-project.mjs";
import { tools } from "./support/tools/all.mjs";
import { recordTools } from "./support/tools/table.mjs";

const { only, record } = readArguments(process.argv.slice(2));
const chosen = tools.filter(
  ({ name }) =>
    only.length === 0 ||
    only.some((part) => name.toLowerCase().includes(part.toLowerCase())),
);
if (chosen.length === 0) {
  console.error(
    `there is no such tool: ${tools.map((t) => t.name).join(", ")}`,
  );
  process.exit(1);
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-tools-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));
const tarballs = packAll(work);
const installed = path.join(work, "installed");
installAll(installed, tarballs);
const modules = path.join(installed, "node_modules");
const packed = { tarballs, modules, work };

const results = [];
for (const tool of chosen) {
  const started = performance.now();
  const result = await tryOut(tool);
  const seconds = Math.round((performance.now() - started) / 1000);
  results.push({ tool, seconds, ...result });
  const { outcome, detail } = results.at(-1);
  console.log(
    `${outcome}: ${tool.name}, ${seconds} s${detail && `\n${detail}`}`,
  );
}

console.log();
for (const { tool, outcome, versions = {}, seconds } of results)
  console.log(
    `${outcome.padEnd(7)} ${tool.name.padEnd(18)} ${`${seconds} s`.padStart(5)}  ${named(versions)}`,
  );
const count = (wanted) =>
  results.filter(({ outcome }) => outcome === wanted).length;
console.log(
  `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
);
if (record) recordTools(results);
process.exitCode = count("failed") > 0 ? 1 : 0;

async function tryOut(tool) {
  try {
    const project = openToolProject(tool, packed);
    const versions = { ...project.versions(), ...(await tool.check(project)) };
    return { outcome: "passed", detail: "", versions };
  } catch (error) {
    if (error instanceof NotHere)
      return { outcome: "skipped", detail: error.message };
    return { outcome: "failed", detail: error.stack };
  }
}

function named(versions) {
  return Object.entries(versions)
    .map(([id, version]) => `${id} ${version}`)
    .join(", ");
}

function readArguments(args) {
  const only = [];
  let record = false;
  while (args.length > 0) {
    const [given, value] = args.splice(0, args[0] === "--only" ? 2 : 1);
    if (given === "--only" && value !== undefined) only.push(value);
    else if (given === "--record") record = true;
    else {
      console.error(
        `${given}: node scripts/test-tools.mjs [--only NAME] [--record]`,
      );
      process.exit(1);
    }
  }
  return { only, record };
}
