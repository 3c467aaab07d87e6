// A caching proxy: several processes serve the pages of another server, and fetch each of them once as long as it is fresh.
// Usage: node examples/cached-pages/main.mjs ORIGIN FOLDER [--workers N] [--port N] [--max-age SECONDS] [--max-bytes N]
import cluster from "node:cluster";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { FileCache } from "./cache.mjs";

const { fetch } = globalThis;
const ORIGIN_MAX_MS = 20_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: "string", default: "2" },
    port: { type: "string", default: "8082" },
    "max-age": { type: "string", default: "60" },
    "max-bytes": { type: "string", default: String(1 << 30) },
  },
});
const [address, folder] = positionals;
const { origin } = new URL(address);

async function fetchPage(url) {
  // Nothing of the visitor goes along: the page is for all.
  const signal = AbortSignal.timeout(ORIGIN_MAX_MS);
  const response = await fetch(`${origin}${url}`, { signal });
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "application/octet-stream";
  const body = Buffer.from(await response.arrayBuffer());
  return { about: { status, type }, body, keep: status < 500 };
}

function startWorker() {
  mkdirSync(folder, { recursive: true });
  const cache = new FileCache(folder, {
    maxAgeMs: 1000 * Number(values["max-age"]),
    maxBytes: Number(values["max-bytes"]),
  });
  const server = createServer(async ({ method, url }, response) => {
    if (method !== "GET" && method !== "HEAD")
      return response.writeHead(405, { allow: "GET, HEAD" }).end();
    // Not "http://elsewhere/": pages of the origin alone.
    if (!url.startsWith("/")) return response.writeHead(400).end();
    try {
      const page = await cache.get(url, () => fetchPage(url));
      response.writeHead(page.about.status, {
        "content-type": page.about.type,
        "content-length": page.body.length,
        age: Math.floor(page.ageMs / 1000),
        "x-cache": page.hit ? "hit" : "miss",
      });
      response.end(page.body);
    } catch (error) {
      response.writeHead(502).end(`${error.message}\n`);
    }
  });
  server.listen(Number(values.port), "127.0.0.1");
}

if (cluster.isPrimary) {
  let listening = false;
  cluster.once("listening", (_worker, { port }) => {
    listening = true;
    console.log(`http://127.0.0.1:${port}`);
  });
  // One that dies while it fetches loses its lock at once, and the next in line fetches.
  cluster.on("exit", () => (listening ? cluster.fork() : process.exit(1)));
  for (let i = 0; i < Number(values.workers); i++) cluster.fork();
} else startWorker();
