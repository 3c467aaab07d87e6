// The server around the handler: its limits, its log, and its end, which lets what runs finish.
import { once } from "node:events";
import fs from "node:fs";
import net, { type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  logLine,
  type AccessEntry,
  type LogFormat,
} from "../src/access-log.ts";
import {
  startServer,
  type ServerOptions,
  type StaticServer,
} from "../src/server.ts";
import { connect, drain, exchange } from "../../../test/helpers/raw-http.ts";
import { eio, makeSite } from "./site.ts";

const site = makeSite();
/** Does not fit any socket: it is under way as long as nobody reads it. */
const HUGE_BYTES = 1 << 30;
fs.truncateSync(site.folder.file("root/huge.bin"), HUGE_BYTES);
/** No more does fit, and it is read to its end in a moment. */
const BIG_BYTES = 96 << 20;
fs.truncateSync(site.folder.file("root/big.bin"), BIG_BYTES);

let running: StaticServer;
afterEach(() => running.close(0));

async function start(options: ServerOptions = {}): Promise<number> {
  running = await startServer(site.root, {
    eio,
    racyPathChecks: true,
    ...options,
  });
  return Number(new URL(running.url).port);
}

const request = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

describe("the end", () => {
  it("comes at once where nothing runs, and idle connections are closed", async () => {
    const port = await start();
    const socket = connect(port);
    socket.write(request("/plain.txt"));
    await once(socket, "data");
    const ended = drain(socket);
    await running.close();
    await ended;
    expect(running.server.listening).toBe(false);
    await expect(exchange(port, ["GET /"])).rejects.toThrow("ECONNREFUSED");
  });

  it("waits for what runs, then closes its connection", async () => {
    const port = await start();
    const socket = connect(port);
    socket.write(request("/big.bin"));
    await once(socket, "readable");
    let isClosed = false;
    const closing = running.close().then(() => (isClosed = true));
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    let bytes = 0;
    for await (const chunk of socket) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(BIG_BYTES);
    await closing;
  });

  it("does not wait for ever", async () => {
    const port = await start();
    const socket = connect(port);
    socket.on("error", () => {});
    socket.write(request("/huge.bin"));
    await once(socket, "readable");
    await running.close(1);
    expect(running.server.listening).toBe(false);
    socket.destroy();
  });

  it("is the same for all who ask", async () => {
    await start();
    expect(running.close()).toBe(running.close());
  });
});

describe("limits", () => {
  it("on headers: 431", async () => {
    const port = await start({ maxHeaderBytes: 1000 });
    const [answer] = await exchange(port, ["GET /", { x: "y".repeat(2000) }]);
    expect(answer!.status).toBe(431);
  });

  it("on how long nothing may move", async () => {
    const port = await start({ idleTimeoutMs: 50 });
    const socket = connect(port);
    socket.on("error", () => {});
    // A client that sends requests and does not read.
    socket.write(request("/huge.bin"));
    await once(socket, "readable");
    const server = running.server;
    while ((await countOf(server)) > 0) await new Promise(setImmediate);
    socket.destroy();
  });

  it("on connections", async () => {
    const port = await start({ maxConnections: 1 });
    const first = connect(port);
    first.write(request("/plain.txt"));
    await once(first, "data");
    const second = connect(port);
    expect(await drain(second).catch(() => Buffer.alloc(0))).toEqual(
      Buffer.alloc(0),
    );
    first.destroy();
  });

  it("of ports: the next that is free, where that is allowed", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(await start({ port, portTries: 50 })).toBeGreaterThan(port);
    taken.close();
  });
});

function countOf(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) =>
      error ? reject(error) : resolve(count),
    ),
  );
}

describe("the log", () => {
  const entries: AccessEntry[] = [];
  const log = (entry: AccessEntry): void => void entries.push(entry);
  afterEach(() => void entries.splice(0));
  const logged = async (count: number): Promise<AccessEntry[]> => {
    while (entries.length < count) await new Promise(setImmediate);
    return entries;
  };

  it("has an entry for each answer", async () => {
    const port = await start({ log });
    await exchange(
      port,
      ["GET /plain.txt?a", { "user-agent": "me", referer: "there" }],
      ["GET /plain.txt", { range: "bytes=1-3" }],
      ["HEAD /large.bin"],
      ["GET /missing"],
    );
    const [whole, part, head, missing] = await logged(4);
    expect(whole).toMatchObject({
      ...{ remote: "127.0.0.1", method: "GET", url: "/plain.txt?a" },
      ...{ version: "1.1", status: 200, bytes: 20, complete: true },
      ...{ referer: "there", agent: "me" },
    });
    expect(part).toMatchObject({ status: 206, bytes: 3 });
    expect(head).toMatchObject({ status: 200, bytes: 0, complete: true });
    expect(missing!.status).toBe(404);
  });

  it("says of a client that went away how far it got", async () => {
    const port = await start({ log });
    const socket = connect(port);
    socket.write(request("/huge.bin"));
    // More than the headers, which are written first, and than is on its way at a time.
    socket.on("data", () => {
      if (socket.bytesRead >= HUGE_BYTES / 32) socket.resetAndDestroy();
    });
    await once(socket, "close");
    const [entry] = await logged(1);
    expect(entry).toMatchObject({ status: 200, complete: false });
    expect(entry!.bytes).toBeGreaterThan(0);
    expect(entry!.bytes).toBeLessThan(HUGE_BYTES);
  });

  const entry: AccessEntry = {
    time: new Date(Date.UTC(2000, 9, 10, 13, 55, 36)),
    ...{ remote: "::1", method: "GET", url: '/a"\n\\ö', version: "1.1" },
    ...{ status: 200, bytes: 0, complete: true, durationMs: 1.23456 },
    ...{ referer: undefined, agent: 'x"y' },
  };
  it.each<[LogFormat, string]>([
    [
      "common",
      '::1 - - [10/Oct/2000:13:55:36 +0000] "GET /a\\x22\\x0a\\x5c\\xc3\\xb6 HTTP/1.1" 200 -',
    ],
    [
      "combined",
      '::1 - - [10/Oct/2000:13:55:36 +0000] "GET /a\\x22\\x0a\\x5c\\xc3\\xb6 HTTP/1.1" 200 - "-" "x\\x22y"',
    ],
  ])(
    "in the %s format is one line that nobody else can end",
    (format, line) => {
      expect(logLine(format, entry)).toBe(line);
    },
  );

  it("as JSON has all of it", () => {
    expect(JSON.parse(logLine("json", entry))).toEqual({
      ...entry,
      time: "2000-10-10T13:55:36.000Z",
      durationMs: 1.235,
      referer: undefined,
    });
  });
});

it("does not start with an option that it does not know", async () => {
  await expect(start({ prot: 80 } as ServerOptions)).rejects.toThrow(
    'did you mean "port"?',
  );
});
