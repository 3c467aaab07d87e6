// Builds the docs site: pages of the documents, a reference of the declared API, and HTML of both in docs/site/dist. What it takes to
// do so is installed in docs/site, by its own lock file, the first time; after that it needs no network.
// Usage: npm run docs:build [-- --serve]     --serve shows it on a port of this machine
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  documentsOf,
  outside,
  pageOf,
  toPage,
  FILES,
} from "./support/site-pages.mjs";

const root = path.resolve(import.meta.dirname, "..");
const site = path.join(root, "docs/site");
const pages = path.join(site, "pages");

install();
fs.rmSync(pages, { recursive: true, force: true });
const copied = writePages();
for (const file of copied) copyFile(file);
bin("typedoc", ["--options", "typedoc.json"]);
bin("vitepress", ["build"]);
const { size, count } = sizeOf(path.join(site, "dist"));
console.log(`docs/site/dist: ${count} files, ${Math.round(size / 1e3)} KB`);
if (process.argv.includes("--serve")) bin("vitepress", ["preview"]);

/** Once for each lock file. */
function install() {
  const lock = fs.readFileSync(path.join(site, "package-lock.json"), "utf8");
  const mark = path.join(site, "node_modules/.installed-lock");
  if (fs.existsSync(mark) && fs.readFileSync(mark, "utf8") === lock) return;
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  fs.writeFileSync(mark, lock);
}

/** Returns the files that pages link to. */
function writePages() {
  const inFolder = (folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => `${folder}/${name}`);
  const documents = documentsOf([
    ...Object.keys(outside),
    ...inFolder("docs"),
    ...inFolder("examples"),
  ]);
  const files = new Set(["docs/benchmarks.svg"]);
  fs.mkdirSync(pages, { recursive: true });
  for (const document of documents) {
    const text = fs.readFileSync(path.join(root, document), "utf8");
    const page = toPage(document, text);
    for (const file of page.files) files.add(file);
    fs.writeFileSync(path.join(pages, pageOf(document)), page.text);
  }
  fs.copyFileSync(path.join(site, "home.md"), path.join(pages, "index.md"));
  return files;
}

function copyFile(file) {
  const from = path.join(root, file);
  const to = path.join(pages, "public", FILES, file);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

function bin(name, args) {
  run(path.join(site, "node_modules/.bin", name), args);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: site,
    stdio: "inherit",
  });
  if (status === 0) return;
  console.error(
    `${command} ${args.join(" ")} failed${error ? `: ${error}` : ""}`,
  );
  process.exit(status ?? 1);
}

function sizeOf(folder) {
  const names = fs.readdirSync(folder, { recursive: true });
  const files = names.map((name) => fs.statSync(path.join(folder, name)));
  const own = files.filter((file) => file.isFile());
  return {
    count: own.length,
    size: own.reduce((all, file) => all + file.size, 0),
  };
}
