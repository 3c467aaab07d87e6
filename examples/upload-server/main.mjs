// Uploads that can be resumed, over HTTP as in tus 1.0: POST makes one, PATCH goes on with it, HEAD says how far it is.
// Usage: node examples/upload-server/main.mjs FOLDER [--port N] [--max-bytes N] [--deadline-ms N]
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { eio } from "node-eio";
import { Refused, Uploads } from "./uploads.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: "string", default: "8083" },
    "max-bytes": { type: "string", default: String(1 << 30) },
    "deadline-ms": { type: "string", default: "600000" },
  },
});
const [folder = "uploads"] = positionals;
const maxBytes = Number(values["max-bytes"]);
const deadlineMs = Number(values["deadline-ms"]);
mkdirSync(folder, { recursive: true });
const uploads = new Uploads(eio, folder);

/** What is not as the disk wants it, by code: the client may try again later. */
const statusOf = { ENOSPC: 507, EDQUOT: 507 };

function numberIn(headers, name) {
  const text = headers[name];
  if (!/^\d{1,15}$/.test(text ?? ""))
    throw new Refused(400, `${name} is a number`);
  return Number(text);
}

const stateOf = ({ length, offset, about }) => ({
  "upload-offset": offset,
  "upload-length": length,
  "cache-control": "no-store",
  ...(about === null ? {} : { "upload-metadata": about }),
});

const inFolder = {
  async POST({ headers }) {
    const length = numberIn(headers, "upload-length");
    if (length > maxBytes) throw new Refused(413, `at most ${maxBytes} bytes`);
    const about = headers["upload-metadata"] ?? null;
    return [201, { location: `/files/${await uploads.create(length, about)}` }];
  },
};
const inUpload = {
  async HEAD(_request, id) {
    return [200, stateOf(await uploads.find(id))];
  },
  async PATCH(request, id) {
    if (request.headers["content-type"] !== "application/offset+octet-stream")
      throw new Refused(415, "application/offset+octet-stream");
    const offset = numberIn(request.headers, "upload-offset");
    return [204, stateOf(await uploads.append(id, offset, request))];
  },
};

function respond(request) {
  const [found, id] = /^\/files(?:\/([\da-f-]{36}))?$/.exec(request.url) ?? [];
  const method = found && (id ? inUpload : inFolder)[request.method];
  if (!method) throw new Refused(404, "not found");
  return method(request, id);
}

const server = createServer(async (request, response) => {
  // Whatever it waits for, the client or the disk.
  const timer = setTimeout(() => response.destroy(), deadlineMs);
  response.once("close", () => clearTimeout(timer));
  response.setHeader("tus-resumable", "1.0.0");
  try {
    const [status, headers] = await respond(request);
    response.writeHead(status, headers).end();
  } catch (error) {
    const status = error.status ?? statusOf[error.code] ?? 500;
    // A client that has left hears nothing.
    if (!response.destroyed)
      response.writeHead(status).end(`${error.message}\n`);
  }
});
server.requestTimeout = deadlineMs;
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => server.close());
server.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
