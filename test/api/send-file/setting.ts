// What sendFile's tests work with: files, servers whose handlers' promises are kept, and their end.
import { once } from "node:events";
import fs from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net, { type AddressInfo } from "node:net";
import { createEio } from "../../../src/api/create.ts";
import { testFolder } from "../../helpers/files.ts";
import { connect, drain } from "../../helpers/raw-http.ts";

export const eio = createEio({ maxParallel: 2 });
export const folder = testFolder();
export const LARGE_BYTES = 5_000_011;
export const content = Buffer.allocUnsafe(LARGE_BYTES);
for (let i = 0; i < LARGE_BYTES; i++) content[i] = (i * 7 + (i >> 11)) & 255;
export const large = folder.file("large", content);
export const small = folder.file("small", content.subarray(0, 1000));

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

export const servers: net.Server[] = [];
export const outcomes: Promise<unknown>[] = [];

/** A server whose handler's promise is kept in `outcomes`. */
export async function serve(
  listener: Listener,
  at: number | string = 0,
): Promise<number> {
  const server = http.createServer((request, response) => {
    const outcome = Promise.resolve(listener(request, response));
    outcome.catch(() => {});
    outcomes.push(outcome);
  });
  return await listen(server, at);
}

export async function listen(
  server: net.Server,
  at: number | string = 0,
): Promise<number> {
  servers.push(server);
  if (typeof at === "string") server.listen(at);
  else server.listen(at, "127.0.0.1");
  await once(server, "listening");
  return typeof at === "string" ? 0 : (server.address() as AddressInfo).port;
}

/** What the other end gets of a connection that a server did something with. */
export async function received(
  work: (socket: net.Socket) => unknown,
): Promise<Buffer> {
  const port = await listen(
    net.createServer((socket) => {
      outcomes.push(Promise.resolve(work(socket)));
    }),
  );
  return await drain(connect(port));
}

export const SPARSE_BYTES = 1 << 30;
let sparseFiles = 0;

/** Larger than what any socket takes in: its end has not been sent while nobody reads. */
export function sparse(): string {
  const file = folder.file(`sparse-${sparseFiles++}`);
  fs.truncateSync(file, SPARSE_BYTES);
  return file;
}
