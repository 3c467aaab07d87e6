// A folder to serve, with something of everything, and a server on it: what the tests of serving ask.
import { createHash } from "node:crypto";
import fs from "node:fs";
import type { AddressInfo } from "node:net";
import http from "node:http";
import { once } from "node:events";
import { afterAll } from "vitest";
import { createEio } from "node-eio";
import type { ServeOptions } from "../src/options.ts";
import { serveStatic, type StaticHandler } from "../src/static.ts";
import { testFolder, type TestFolder } from "../../../test/helpers/files.ts";

export const eio = createEio({ maxParallel: 2 });
afterAll(() => eio.close());

/** 2024-05-06 07:08:09, and what HTTP calls it. */
export const MODIFIED = new Date(Date.UTC(2024, 4, 6, 7, 8, 9));
export const MODIFIED_TEXT = MODIFIED.toUTCString();

export interface Site {
  folder: TestFolder;
  root: string;
  /** The bytes of each file, by its path below the root. */
  files: Record<string, Buffer>;
}

function bytes(name: string, count: number): Buffer {
  const hash = createHash("shake256", { outputLength: count });
  return hash.update(name).digest();
}

/** Made anew for each test file. */
export function makeSite(): Site {
  const folder = testFolder();
  const root = folder.join("root");
  const files: Record<string, Buffer> = {
    "index.html": Buffer.from("<h1>Front</h1>\n"),
    "plain.txt": Buffer.from("0123456789abcdefghij"),
    "empty.txt": Buffer.alloc(0),
    "page.html": Buffer.from("<p>A page</p>\n"),
    "large.bin": bytes("large", 3_000_003),
    "no-extension": Buffer.from("plain"),
    "a name & <b>.txt": Buffer.from("odd name"),
    "größe.txt": Buffer.from("bigger"),
    "per%cent.txt": Buffer.from("percent"),
    "script.js": Buffer.from("let script = 'as it is';\n".repeat(20)),
    "script.js.gz": Buffer.from("not really gzip"),
    "script.js.br": Buffer.from("not really brotli"),
    "style.css": Buffer.from("body { margin: 0 }\n"),
    "style.css.gz": Buffer.from("gz of style"),
    "data.json": Buffer.from("{}\n"),
    "sub/index.html": Buffer.from("<h1>Sub</h1>\n"),
    "sub/other.txt": Buffer.from("other"),
    "bare/file.txt": Buffer.from("in a folder without an index"),
    ".hidden": Buffer.from("a secret"),
    ".git/config": Buffer.from("a secret"),
    "sub/.env": Buffer.from("a secret"),
    ".well-known/security.txt": Buffer.from("Contact: us\n"),
  };
  for (const [name, data] of Object.entries(files)) {
    const path = `${root}/${name}`;
    fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    fs.writeFileSync(path, data);
    fs.utimesSync(path, MODIFIED, MODIFIED);
  }
  fs.writeFileSync(folder.join("outside.txt"), "outside");
  fs.mkdirSync(folder.join("root-too"));
  fs.writeFileSync(
    folder.join("root-too/file.txt"),
    "outside, by a name that begins alike",
  );
  const link = (to: string, name: string): void =>
    fs.symlinkSync(to, `${root}/${name}`);
  link("plain.txt", "link-inside.txt");
  link(`${root}/plain.txt`, "link-absolute.txt");
  link("../outside.txt", "link-outside.txt");
  link("/etc/passwd", "link-system.txt");
  link("..", "link-up");
  link("sub", "link-folder");
  link("loop", "loop");
  return { folder, root, files };
}

export interface Serving {
  port: number;
  handler: StaticHandler;
}

const open: [http.Server, StaticHandler][] = [];
afterAll(async () => {
  for (const [server, handler] of open) {
    server.closeAllConnections();
    server.close();
    await handler.close();
  }
});

export async function serveSite(
  { root }: Site,
  options: ServeOptions = {},
): Promise<Serving> {
  const handler = serveStatic(root, {
    eio,
    // Only where there is no native code.
    racyPathChecks: true,
    ...options,
  });
  const server = http.createServer(
    (request, response) => void handler(request, response),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push([server, handler]);
  return { port: (server.address() as AddressInfo).port, handler };
}
