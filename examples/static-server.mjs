// A static file server: ranges, conditional requests, compressed copies, and nothing from outside its folder.
// On its own it is `npx node-eio serve FOLDER`; this is the handler in a server of one's own.
// Run: node examples/static-server.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { serveStatic } from "node-eio/serve";

const folder = fs.mkdtempSync(path.join(tmpdir(), "node-eio-example-"));
const site = path.join(folder, "site");
fs.mkdirSync(site);
fs.writeFileSync(path.join(site, "index.html"), "<h1>Hello</h1>\n");
fs.writeFileSync(path.join(site, "film.bin"), Buffer.alloc(3 << 20, "film"));
fs.writeFileSync(path.join(site, "app.js"), "console.log('app');\n");
fs.writeFileSync(
  path.join(site, "app.js.gz"),
  gzipSync("console.log('app');\n"),
);
fs.writeFileSync(path.join(folder, "secret"), "not yours");
fs.symlinkSync("../secret", path.join(site, "link"));

const files = serveStatic(site, {
  cacheControl: "public, max-age=60",
  // Nobody else may write to this folder: where the kernel cannot keep paths in it, a check of real paths will do.
  racyPathChecks: true,
});
const { about } = await files.ready;
const server = createServer((request, response) => {
  if (request.url === "/time") response.end(new Date().toISOString());
  else files(request, response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const url = `http://127.0.0.1:${server.address().port}`;
const { fetch } = globalThis;
const get = async (name, headers = {}, method = "GET") => {
  const response = await fetch(`${url}${name}`, { headers, method });
  return { response, body: Buffer.from(await response.arrayBuffer()) };
};

// The check: the index, a part of a large file, what the client has already, a copy that is smaller, and no way out.
const front = await get("/");
assert.equal(String(front.body), "<h1>Hello</h1>\n");
const part = await get("/film.bin", { range: "bytes=1000000-2999999" });
assert.equal(part.response.status, 206);
assert.equal(part.body.length, 2_000_000);
const etag = front.response.headers.get("etag");
const again = await get("/", { "if-none-match": etag });
assert.equal(again.response.status, 304);
const app = await get("/app.js", { "accept-encoding": "gzip" });
assert.equal(app.response.headers.get("content-encoding"), "gzip");
assert.equal(String(app.body), "console.log('app');\n");
assert.equal((await get("/link")).response.status, 404);
assert.equal((await get("/%2e%2e/secret")).response.status, 404);
assert.equal((await get("/", {}, "DELETE")).response.status, 405);

server.close();
server.closeAllConnections();
await files.close();
fs.rmSync(folder, { recursive: true });
console.log(`ok: served parts, copies and nothing from outside (${about})`);
