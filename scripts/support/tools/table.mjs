// The table of docs/tools.md: a row for each tool, with the versions that were tried last. It tries nothing.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { tools } from "./all.mjs";

const root = path.resolve(import.meta.dirname, "../../..");
const document = path.join(root, "docs/tools.md");
const TABLE = /(<!-- begin tools -->\n)[^]*(<!-- end tools -->)/;
const HEADING = ["tool", "versions tried", "what works", "what to know"];

/**
 * Rows of cells; a tool that was never tried says so.
 * @param {Record<string, string>} versions by the tool's name
 */
export function rowsOf(versions) {
  return tools.map(({ name, works, know = "" }) => [
    name,
    versions[name] ?? "not tried",
    works,
    know,
  ]);
}

/**
 * The rows of a text that has the table.
 * @param {string} text
 */
export function readRows(text) {
  const lines = TABLE.exec(text)?.[0].match(/^\|.*\|$/gm) ?? [];
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** Writes what was tried into the document; what was not keeps its row. */
export function recordTools(results) {
  const text = fs.readFileSync(document, "utf8");
  const versions = Object.fromEntries(readRows(text));
  for (const { tool, outcome, versions: tried } of results)
    if (outcome === "passed") versions[tool.name] = named(tool.name, tried);
  const rows = [HEADING, HEADING.map(() => "---"), ...rowsOf(versions)];
  const table = rows.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
  fs.writeFileSync(document, text.replace(TABLE, `$1\n${table}\n$2`));
  spawnSync("npx", ["--no-install", "prettier", "--write", document], {
    cwd: root,
    stdio: "ignore",
  });
}

/** The tool's own version goes without a name where there is one alone. */
function named(tool, versions) {
  const all = Object.entries(versions);
  const [[id, version]] = all;
  if (all.length === 1 && tool.toLowerCase().includes(id.toLowerCase()))
    return version;
  return all.map(([id, version]) => `${id} ${version}`).join(", ");
}
