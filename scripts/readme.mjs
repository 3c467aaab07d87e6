// Writes the generated parts of docs/ops.md, docs/sys.md, docs/libeio.md and docs/distributed.md between their markers: the ops from
// src/ops/table.ts, libeio's calls, and file systems by their types.
// Usage: npm run readme [-- --check]     --check writes nothing, and fails where a part is stale
import fs from "node:fs";
import { format, resolveConfig } from "prettier";
import { loadSource } from "../bench/support/load-source.mjs";

/** The backends, by the name of their columns: whether each takes an op of the table. */
const backends = { pool: () => true };

const check = process.argv.includes("--check");
const { ops } = await loadSource("src/ops/table.ts");
const { requests } = await loadSource("src/api/eio/requests.ts");
const { libeioOps } = await loadSource("src/ops/libeio-ops.ts");
const fileSystems = await loadSource("src/util/file-systems.ts");
const sysOps = Object.fromEntries(
  Object.entries(ops).filter(
    ([name, { emulated }]) =>
      emulated !== undefined && !Object.hasOwn(libeioOps, name),
  ),
);

/** By file, the parts that are made. */
const files = {
  "docs/ops.md": { ops: opsTable(ops) },
  "docs/sys.md": { sys: sysTable(sysOps) },
  "docs/libeio.md": { libeio: libeioTable(requests) },
  "docs/distributed.md": { fileSystems: fileSystemsTable(fileSystems) },
};

for (const [name, parts] of Object.entries(files)) await renew(name, parts);

async function renew(name, parts) {
  const file = new URL(`../${name}`, import.meta.url);
  const before = fs.readFileSync(file, "utf8");
  const config = await resolveConfig(file);
  const after = await format(Object.entries(parts).reduce(withPart, before), {
    ...config,
    parser: "markdown",
  });
  if (after === before) console.log(`${name} is up to date`);
  else if (check) {
    console.error(`${name} is stale; run npm run readme`);
    process.exitCode = 1;
  } else {
    fs.writeFileSync(file, after);
    console.log(`${name} is written anew`);
  }
}

function withPart(text, [name, part]) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`There are no markers ${begin} and ${end}`);
  return `${text.slice(0, from)}${begin}\n\n${part}\n\n${text.slice(to)}`;
}

function opsTable(ops) {
  const columns = Object.keys(backends);
  const rows = Object.entries(ops).map(([name, op]) => [
    `\`${name}\``,
    op.about,
    op.params.map(([param]) => param).join(", ") || "none",
    op.oneHop ? "job" : `\`${op.syscall}\``,
    ...columns.map((backend) => (backends[backend](op) ? "yes" : "no")),
    withoutAddon(op),
  ]);
  const titles = ["op", "what it does", "operands", "call", ...columns];
  return table([...titles, "without the addon"], rows);
}

function withoutAddon({ emulated }) {
  if (emulated === undefined) return "yes";
  return emulated === false ? "`ENOSYS`" : "emulated";
}

function sysTable(ops) {
  const rows = Object.entries(ops).map(([name, op]) => [
    `\`${name}\``,
    op.about,
    `\`${op.syscall}\``,
    op.emulated === false ? "`ENOSYS`" : op.emulated,
  ]);
  return table(["op", "what it does", "call", "without the addon"], rows);
}

function libeioTable(requests) {
  const rows = Object.entries(requests).map(([name, declared]) => {
    const does = declared.ops.map((op) => ops[op]);
    const params = declared.params.map(([param]) => param);
    const native = does.some(({ emulated }) => emulated !== undefined);
    const without = does.map(withoutAddon);
    return [
      `\`${name}(${params.join(", ")})\``,
      declared.about.replaceAll("|", "\\|"),
      declared.group ? "a group" : native ? "native" : "Node's",
      without.includes("`ENOSYS`")
        ? "`ENOSYS`"
        : without.includes("emulated")
          ? "emulated"
          : "the same",
    ];
  });
  return table(["call", "what it does", "by", "without the addon"], rows);
}

function fileSystemsTable(known) {
  const { fileSystemOf, fileSystemTypes, questionNames } = known;
  const { questions, sources } = known;
  const cited = ({ what, source }) =>
    sources[source] === null
      ? `${what} (${source})`
      : `${what} ([${source}](${sources[source]}))`;
  /** Types of which the same is known are one row. */
  const groups = new Map();
  for (const type of fileSystemTypes) {
    const { meanings } = fileSystemOf(type);
    if (meanings === null) continue;
    groups.set(meanings, [...(groups.get(meanings) ?? []), type]);
  }
  const rows = [...groups].map(([meanings, types]) => [
    types.join(", "),
    ...questionNames.map((name) => cited(meanings[name])),
  ]);
  return table(["type", ...questionNames.map((name) => questions[name])], rows);
}

function table(titles, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [titles, titles.map(() => "---"), ...rows].map(line).join("\n");
}
