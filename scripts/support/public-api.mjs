// The public API of this project's packages as it is built, and as docs/api-report/ has it. It knows which doors are public, and
// not what they declare.
import fs from "node:fs";
import path from "node:path";
import { apiReports } from "./api-report.mjs";
import { doors } from "./doors.mjs";
import { lineDiff } from "./line-diff.mjs";
import { packages, passedOn } from "./packages.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(root, "docs/api-report");

/** What its header says is not public. */
const PRIVATE_DOORS = ["internal"];
/** Of the command alone. */
const PRIVATE_PACKAGES = ["bench"];

const manifestOf = (where) =>
  JSON.parse(fs.readFileSync(path.join(root, where, "package.json"), "utf8"));

/** The declarations of each public door, by the name that it is imported by. */
export function declarations() {
  const files = {};
  const add = (name, where, door) => {
    const specifier = door === "index" ? name : `${name}/${door}`;
    const file = path.join(root, where, `dist/${door}.d.ts`);
    // One that is the same for require() is written there.
    const isPassedOn =
      fs.readFileSync(file, "utf8") === `export * from "./${door}.cjs";\n`;
    files[specifier] = isPassedOn ? file.replace(/ts$/, "cts") : file;
  };
  for (const door of Object.keys(doors))
    if (!PRIVATE_DOORS.includes(door)) add("node-eio", ".", door);
  for (const [name, { doors }] of Object.entries(packages))
    if (!PRIVATE_PACKAGES.includes(name))
      for (const door of Object.keys(doors))
        add(`@node-eio/${name}`, `packages/${name}`, door);
  return files;
}

/** What can be imported and run, and what that takes. */
function entryPoints() {
  const texts = [".", ...Object.keys(packages).map((n) => `packages/${n}`)]
    .filter((where) => !PRIVATE_PACKAGES.some((n) => where.endsWith(n)))
    .map((where) => {
      const { name, exports, bin = {}, engines } = manifestOf(where);
      const names = Object.keys(exports)
        .map((key) => key.slice(2))
        .filter((key) => !PRIVATE_DOORS.includes(key))
        .map((key) => {
          const from = name === "node-eio" ? passedOn[key] : undefined;
          const whole = key === "" ? name : `${name}/${key}`;
          if (from === undefined) return whole;
          const door = from.door === "index" ? "" : `/${from.door}`;
          return `${whole}: all of @node-eio/${from.package}${door}`;
        });
      const commands = Object.keys(bin).map((key) => `command ${key}`);
      return [`Node ${engines.node}`, ...names, ...commands].join("\n");
    });
  return `${texts.join("\n\n")}\n`;
}

/** Text by file name. */
export function builtReports() {
  const reports = { "entry-points.txt": entryPoints() };
  for (const [door, text] of Object.entries(apiReports(declarations())))
    reports[`${door.replace("@", "").replaceAll("/", "-")}.txt`] = text;
  return reports;
}

export function committedReports() {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return Object.fromEntries(
    names.map((name) => [
      name,
      fs.readFileSync(path.join(folder, name), "utf8"),
    ]),
  );
}

/** Puts reports in the place of those that there are. */
export function writeReports(reports) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(reports))
    fs.writeFileSync(path.join(folder, name), text);
}

/**
 * Where the two differ, and what that means for users; null: nowhere.
 * @param {Record<string, string>} before
 * @param {Record<string, string>} after
 */
export function apiChange(before, after) {
  let removed = 0;
  const texts = [];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of [...names].sort()) {
    const diff = lineDiff(before[name] ?? "", after[name] ?? "");
    if (diff.removed + diff.added === 0) continue;
    // An empty text is one line.
    removed += name in before ? diff.removed : 0;
    texts.push(`docs/api-report/${name}\n${diff.text}`);
  }
  if (texts.length === 0) return null;
  return [
    ...texts,
    removed > 0
      ? "Lines are gone or have changed: this can break programs of users (docs/stability.md)."
      : "Lines were added: programs of users go on as they are.",
    "If it is meant: npm run api:update, and say it in CHANGELOG.md.",
  ].join("\n\n");
}
