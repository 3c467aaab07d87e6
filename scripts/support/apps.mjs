// The applications of real-apps.mjs: what to install, what to write, what to run. A program prints its result; one that
// is a command is judged by the files that it leaves in work/.

/** Requests files from a server, whole and in part, present and missing, and prints status, headers of weight and body. */
const client = `
import { createHash } from "node:crypto";
import fs from "node:fs";
fs.mkdirSync("work/site/folder", { recursive: true });
fs.writeFileSync("work/site/index.html", "<h1>here</h1>");
fs.writeFileSync("work/site/small.txt", "small ".repeat(100));
fs.writeFileSync("work/site/large.bin", Buffer.alloc(3_000_000, "0123456789abcdef"));
fs.writeFileSync("work/site/folder/index.html", "inside");
for (const name of fs.readdirSync("work/site", { recursive: true })) fs.utimesSync("work/site/" + name, 1e9, 1e9);
export async function request(port) {
  const requests = [["/"], ["/small.txt"], ["/large.bin"], ["/missing"], ["/folder/"], ["/small.txt", { range: "bytes=5-20" }],
    ["/large.bin", { range: "bytes=2999990-" }], ["/small.txt", { "if-modified-since": new Date(1e12).toUTCString() }], ["/../package.json"]];
  for (const [path, headers] of requests) {
    const res = await fetch("http://127.0.0.1:" + port + path, { headers });
    const body = Buffer.from(await res.arrayBuffer());
    const seen = ["content-type", "content-length", "content-range", "etag", "last-modified"].map((name) => res.headers.get(name));
    console.log(path, JSON.stringify(headers ?? {}), res.status, JSON.stringify(seen), createHash("sha1").update(body).digest("hex"));
  }
  const at = Array.from({ length: 200 }, (_, i) => (i % 2 ? "/small.txt" : "/large.bin"));
  const sizes = await Promise.all(at.map(async (path) => (await (await fetch("http://127.0.0.1:" + port + path)).arrayBuffer()).byteLength));
  console.log("at once", sizes.reduce((sum, size) => sum + size, 0));
}
`;

const source = {
  "src/index.ts": `import { twice } from "./twice.js";\nimport { names } from "./names.js";\nexport const answer = names.map((name) => twice(name.length));\nconsole.log(answer.join());\n`,
  "src/twice.ts": `export function twice(n: number): number {\n  return n * 2;\n}\n`,
  "src/names.ts": `export const names: readonly string[] = ["one", "two", "three"];\n`,
};
const asJavaScript = Object.fromEntries(
  Object.entries(source).map(([name, text]) => [
    name.replace(".ts", ".js"),
    text.replaceAll(": readonly string[]", "").replaceAll(/: number/g, ""),
  ]),
);

const server = (setUp) => `${client}${setUp}
const address = server.address();
await request(address.port);
await close();
`;

export const apps = [
  {
    name: "express-serve-static",
    about: "Express 5 with serve-static",
    packages: { express: "^5", "serve-static": "^2" },
    program: server(`
import express from "express";
import serveStatic from "serve-static";
const app = express();
app.use(serveStatic("work/site"));
const server = app.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));`),
  },
  {
    name: "fastify-static",
    about: "Fastify with @fastify/static",
    packages: { fastify: "^5", "@fastify/static": "^8" },
    program: server(`
import fastify from "fastify";
import fastifyStatic from "@fastify/static";
import path from "node:path";
const app = fastify({ forceCloseConnections: true });
app.register(fastifyStatic, { root: path.resolve("work/site") });
await app.listen({ port: 0, host: "127.0.0.1" });
const { server } = app;
const close = () => app.close();`),
  },
  {
    name: "koa-send",
    about: "Koa with koa-send",
    packages: { koa: "^2", "koa-send": "^5" },
    program: server(`
import Koa from "koa";
import send from "koa-send";
const app = new Koa();
app.silent = true;
app.use(async (ctx) => void (await send(ctx, ctx.path, { root: "work/site", index: "index.html" })));
const server = app.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));`),
  },
  {
    name: "vite-build",
    about: "a Vite build",
    packages: { vite: "^6" },
    files: {
      "index.html": `<!doctype html><title>app</title><link rel="stylesheet" href="/src/style.css"><script type="module" src="/src/index.ts"></script>`,
      "src/style.css": "body { color: #123456 }",
      ...source,
    },
    command: [
      "npx",
      "vite",
      "build",
      "--outDir",
      "work/out",
      "--logLevel",
      "error",
    ],
    result: "files",
  },
  {
    name: "tsc",
    about: "the TypeScript compiler",
    packages: { typescript: "~5.9" },
    files: {
      "tsconfig.json": `{ "compilerOptions": { "outDir": "work/out", "rootDir": "src", "declaration": true, "sourceMap": true, "module": "nodenext", "strict": true, "types": [] }, "include": ["src"] }`,
      ...source,
    },
    command: ["npx", "tsc", "-p", "."],
    result: "files",
  },
  {
    name: "webpack",
    about: "a webpack build",
    packages: { webpack: "^5" },
    files: asJavaScript,
    program: `
import webpack from "webpack";
import path from "node:path";
const compiler = webpack({ mode: "production", entry: "./src/index.js", output: { path: path.resolve("work/out") } });
const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
if (stats.hasErrors()) throw new Error(stats.toString());
await new Promise((resolve) => compiler.close(resolve));`,
    result: "files",
  },
  {
    name: "rollup",
    about: "a Rollup build",
    packages: { rollup: "~4.60.0" },
    files: asJavaScript,
    command: [
      "npx",
      "rollup",
      "src/index.js",
      "--dir",
      "work/out",
      "--sourcemap",
      "--silent",
    ],
    result: "files",
  },
  {
    name: "npm",
    about: "npm itself installs and lists",
    packages: {},
    files: {
      "work/package.json": `{ "private": true, "dependencies": { "is-number": "7.0.0", "semver": "7.6.3" } }`,
    },
    program: `
import { execFileSync } from "node:child_process";
const npm = (...args) => execFileSync("npm", args, { cwd: "work", encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
npm("install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
console.log(npm("ls", "--json").replace(/"resolved".*\\n/g, ""));`,
  },
  {
    name: "fs-extra-graceful",
    about: "fs-extra over graceful-fs: copies, moves, removes, JSON",
    packages: { "fs-extra": "^11", "graceful-fs": "^4" },
    program: `
import fse from "fs-extra";
import gracefulFs from "graceful-fs";
import fs from "node:fs";
gracefulFs.gracefulify(fs);
await fse.outputJson("work/a/b/c.json", { one: 1 });
await fse.copy("work/a", "work/copy");
await fse.move("work/copy", "work/moved");
await fse.ensureSymlink("work/a", "work/link");
await fse.emptyDir("work/empty");
await fse.remove("work/link");
console.log(await fse.readJson("work/moved/b/c.json"), await fse.pathExists("work/copy"));
const many = await Promise.all(Array.from({ length: 3000 }, async (_, i) => { await fse.writeFile("work/many" + (i % 50), "x" + (i % 50)); return (await fse.stat("work/many" + (i % 50))).isFile(); }));
console.log(many.every(Boolean));`,
  },
  {
    name: "tar-glob-rimraf",
    about: "tar packs and unpacks, glob lists, rimraf removes",
    packages: { tar: "^7", glob: "^11", rimraf: "^6" },
    program: `
import * as tar from "tar";
import { glob } from "glob";
import { rimraf } from "rimraf";
import fs from "node:fs";
for (let i = 0; i < 60; i++) { fs.mkdirSync("work/in/" + (i % 7), { recursive: true }); fs.writeFileSync("work/in/" + (i % 7) + "/f" + i, "content ".repeat(i * 50)); }
await tar.create({ file: "work/all.tgz", cwd: "work", gzip: true, portable: true, mtime: new Date(1e12) }, ["in"]);
fs.mkdirSync("work/out");
await tar.extract({ file: "work/all.tgz", cwd: "work/out" });
console.log((await glob("work/out/**/*", { nodir: true })).sort());
await rimraf("work/in");
console.log(fs.existsSync("work/in"));
fs.rmSync("work/all.tgz");`,
  },
  {
    name: "chokidar-write-atomic",
    about: "chokidar watches what write-file-atomic writes",
    packages: { chokidar: "^4", "write-file-atomic": "^6" },
    program: `
import chokidar from "chokidar";
import writeFileAtomic from "write-file-atomic";
const watcher = chokidar.watch("work", { ignored: (path) => /\\.[0-9]+$/.test(path) });
await new Promise((resolve) => watcher.once("ready", resolve));
const added = new Promise((resolve) => watcher.once("add", resolve));
await writeFileAtomic("work/file.txt", "content");
console.log(await added);
const changed = new Promise((resolve) => watcher.once("change", resolve));
await writeFileAtomic("work/file.txt", "content, changed");
console.log(await changed);
await watcher.close();`,
  },
];
