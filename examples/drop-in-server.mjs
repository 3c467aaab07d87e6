// A file server that differs from one on node:fs/promises in one line: the import. Each request is
// one hop to a worker (open, read and close together), and gives up with its client.
// Run: node examples/drop-in-server.mjs
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import fs from "node-eio/promises"; // was: node:fs/promises

const folder = await fs.mkdtemp(path.join(tmpdir(), "node-eio-example-"));
await fs.writeFile(path.join(folder, "index.html"), "<h1>Hello</h1>\n");

const statusOf = { ENOENT: 404, EISDIR: 403, ETIMEDOUT: 504 };

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const name = path.join(folder, path.normalize(`/${request.url}`));
  try {
    // A disk that hangs costs this client two seconds, and the others nothing.
    const body = await fs.readFile(name, {
      signal: gone.signal,
      timeout: 2000,
    });
    response.writeHead(200, { "content-length": body.length }).end(body);
  } catch (error) {
    response.writeHead(statusOf[error.code] ?? 500).end(`${error.code}\n`);
  }
});

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const { fetch } = globalThis;

// The check: a file, a file that is not there, a folder, and a hundred at once.
const found = await fetch(`${url}/index.html`);
assert.equal(found.status, 200);
assert.equal(await found.text(), "<h1>Hello</h1>\n");
assert.equal((await fetch(`${url}/nothing`)).status, 404);
assert.equal((await fetch(`${url}/`)).status, 403);
const many = await Promise.all(
  Array.from({ length: 100 }, () => fetch(`${url}/index.html`)),
);
assert.ok(many.every(({ status }) => status === 200));
await Promise.all(many.map((response) => response.text()));

server.close();
server.closeAllConnections();
await fs.rm(folder, { recursive: true });
console.log("ok: served 100 at once, and distinguished 404 from 403");
