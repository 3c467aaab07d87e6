// The live page's addresses as a client without a browser sees them: methods, headers, the stream, its limits,
// and that it costs nothing while nobody watches.
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "node-eio";
import {
  livePage,
  type LivePageHandler,
  type LivePageOptions,
} from "../src/live-page.ts";
import type { Hello, LiveSample, WaitAndRunSpread } from "../src/sample.ts";
import { until } from "../../../test/helpers/until.ts";

/** One in so many requests is timed where nobody watches. */
const SAMPLE_EVERY = 64;

let eio: Eio;
let live: LivePageHandler;
let server: http.Server;
let port: number;

beforeEach(() => {
  eio = createEio({ backend: "pool" });
});
afterEach(async () => {
  live.close();
  server.closeAllConnections();
  server.close();
  await eio.close();
});

async function serve(options: LivePageOptions = {}): Promise<void> {
  live = livePage(eio, { intervalMs: 50, ...options });
  await listen((request, response) => {
    if (!live(request, response)) response.writeHead(418).end();
  });
}

async function listen(handler: http.RequestListener): Promise<void> {
  server = http.createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
}

const ask = (
  path: string,
  options: http.RequestOptions = {},
): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    http
      .request({ port, path, agent: false, ...options }, resolve)
      .on("error", reject)
      .end();
  });

async function bodyOf(response: http.IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

/** Events as they come: name and data. */
async function* events(
  response: http.IncomingMessage,
): AsyncGenerator<[string, unknown]> {
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    for (let end; (end = text.indexOf("\n\n")) !== -1;) {
      const [, name, data] = /event: (\w+)\ndata: (.*)$/s.exec(
        text.slice(0, end),
      ) as unknown as [string, string, string];
      text = text.slice(end + 2);
      yield [name, JSON.parse(data)];
    }
  }
}

describe("the addresses", () => {
  it("are the page, the figures once, and nothing else", async () => {
    await serve();
    const page = await ask("/_eio");
    expect(page.statusCode).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["cache-control"]).toMatch(/no-store/);
    const policy = page.headers["content-security-policy"];
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-/);
    const html = await bodyOf(page);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
    expect((await ask("/_eio/?a=b#c")).statusCode).toBe(200);

    await eio.nop();
    const figures = JSON.parse(await bodyOf(await ask("/_eio/stats.json")));
    expect(figures).toMatchObject({ backend: "pool", ops: { nop: {} } });
    for (const path of ["/", "/_eiox", "/_eio/other", "/x/_eio"])
      expect((await ask(path)).statusCode, path).toBe(418);
  });

  it("are of GET and HEAD", async () => {
    await serve();
    for (const path of ["/_eio", "/_eio/events", "/_eio/stats.json"]) {
      const head = await ask(path, { method: "HEAD" });
      expect(head.statusCode).toBe(200);
      expect(await bodyOf(head)).toBe("");
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const other = await ask(path, { method });
        expect(other.statusCode).toBe(405);
        expect(other.headers.allow).toBe("GET, HEAD");
      }
    }
    expect(live.watchers).toBe(0);
  });

  it("are refused to names of others, and to proxies", async () => {
    await serve();
    for (const path of ["/_eio", "/_eio/events", "/_eio/stats.json"])
      for (const headers of [
        { host: "evil.example" },
        { host: "93.184.216.34" },
        { origin: "http://evil.example" },
        { "x-forwarded-for": "127.0.0.1" },
      ]) {
        const response = await ask(path, { headers });
        expect(response.statusCode).toBe(403);
        expect(await bodyOf(response)).toMatch(/^This page is (not )?for /);
      }
    expect(live.watchers).toBe(0);
  });

  it("are for hosts that the options name", async () => {
    await serve({ hosts: ["eio.example"] });
    const statusOf = async (host: string): Promise<number> =>
      (await ask("/_eio", { headers: { host } })).statusCode!;
    expect(await statusOf("eio.example:8080")).toBe(200);
    expect(await statusOf("evil.example:8080")).toBe(403);
    expect(await statusOf(`127.0.0.1:${port}`)).toBe(200);
  });

  it("are at the path that is given", async () => {
    await serve({ path: "/admin/eio" });
    expect((await ask("/admin/eio")).statusCode).toBe(200);
    expect((await ask("/_eio")).statusCode).toBe(418);
  });

  it("are found where Express mounts the handler, or takes it whole", async () => {
    live = livePage(eio);
    const app = express();
    app.use("/_eio", live);
    app.get("/other", (_, response) => void response.send("other"));
    await listen(app);
    expect((await ask("/_eio")).statusCode).toBe(200);
    expect((await ask("/_eio/stats.json")).statusCode).toBe(200);
    expect((await ask("/_eio/nothing")).statusCode).toBe(404);
    expect(await bodyOf(await ask("/other"))).toBe("other");
  });
});

describe("the stream", () => {
  it("says hello, then what happens, also to who comes later", async () => {
    await serve();
    const response = await ask("/_eio/events");
    expect(response.headers["content-type"]).toMatch(/^text\/event-stream/);
    const stream = events(response);
    const [name, hello] = (await stream.next()).value as [string, Hello];
    expect(name).toBe("hello");
    expect(hello).toMatchObject({ backend: "pool", history: [] });
    expect(hello.backends.map(({ name }) => name)).toContain("uring");
    await Promise.all([eio.nop(), eio.promises.stat("."), eio.nop()]);
    await eio.promises.stat("missing").catch(() => {});
    const samples: LiveSample[] = [];
    // Each end is in one sample, whichever it falls into; the first may be from before the requests, the last has no end.
    do {
      const [name, sample] = (await stream.next()).value as [
        string,
        LiveSample,
      ];
      expect(name).toBe("sample");
      expect(sample).toMatchObject({ watchers: 1, stuck: [] });
      samples.push(sample);
    } while (
      (samples.at(-1)!.ops["stat"]?.settled ?? 0) < 2 ||
      samples.at(-1)!.all.run !== null
    );
    const { ops } = samples.at(-1)!;
    expect(ops["nop"]).toMatchObject({ submitted: 2, settled: 2, run: null });
    expect(ops["stat"]).toMatchObject({ settled: 2, failed: 1 });
    const timed = (one: WaitAndRunSpread | undefined): number =>
      one?.run?.count ?? 0;
    const sum = (counts: number[]): number =>
      counts.reduce((sum, count) => sum + count, 0);
    expect(sum(samples.map(({ ops }) => timed(ops["stat"])))).toBe(2);
    expect(sum(samples.map(({ all }) => timed(all)))).toBe(4);

    const other = events(await ask("/_eio/events"));
    const [, greeting] = (await other.next()).value as [string, Hello];
    expect(greeting.history.length).toBeGreaterThanOrEqual(samples.length);
    expect(greeting.history[0]!.atMs).toBe(samples[0]!.atMs);
  });

  it("costs nothing when the last has gone", async () => {
    await serve();
    expect(eio.stats().sampledEvery).toBe(SAMPLE_EVERY);
    const first = await ask("/_eio/events");
    const second = await ask("/_eio/events");
    expect(live.watchers).toBe(2);
    expect(eio.stats().sampledEvery).toBe(1);
    first.destroy();
    await until(() => live.watchers === 1);
    expect(eio.stats().sampledEvery).toBe(1);
    second.destroy();
    await until(() => live.watchers === 0);
    expect(eio.stats().sampledEvery).toBe(SAMPLE_EVERY);
  });

  it("is for so many, and ends when it is closed", async () => {
    await serve({ watchersMax: 2 });
    const first = await ask("/_eio/events");
    await ask("/_eio/events");
    expect((await ask("/_eio/events")).statusCode).toBe(503);
    expect(live.watchers).toBe(2);
    live.close();
    expect(await bodyOf(first)).toMatch(/^retry: \d+\nevent: hello\n/);
    expect(live.watchers).toBe(0);
  });

  it("lets go of who does not read, and gathers nothing for him", async () => {
    await serve();
    // As large as samples get, so that the connection is soon full.
    const socket = net.connect(port, "127.0.0.1");
    const connections: net.Socket[] = [];
    server.on("connection", (one) => connections.push(one));
    socket.pause();
    socket.write("GET /_eio/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await until(() => live.watchers === 1);
    const [held] = connections;
    // Full from here on, however large the system's buffers are.
    held!.cork();
    held!.write(Buffer.alloc(held!.writableHighWaterMark + 1));
    const full = held!.writableLength;
    await until(() => live.watchers === 0);
    expect(held!.writableLength).toBeLessThan(full + 64 * 1024);
    expect(held!.destroyed).toBe(true);
    socket.destroy();
  });
});

it.each<[LivePageOptions, RegExp]>([
  [{ path: "_eio" }, /"path"/],
  [{ path: "/" }, /"path"/],
  [{ allow: "everybody" as never }, /"allow"/],
  [{ hosts: "eio.example" as never }, /"hosts"/],
  [{ hosts: ["http://eio.example"] }, /"hosts"/],
  [{ hosts: [1 as never] }, /"hosts"/],
  [{ intervalMs: 1 }, /"intervalMs"/],
  [{ watchersMax: 0 }, /"watchersMax"/],
  [{ allowed: "local" } as never, /did you mean "allow"/],
  [null as never, /an object/],
])("%j is no option", async (options, message) => {
  await serve();
  expect(() => livePage(eio, options)).toThrow(
    expect.objectContaining({
      code: "ERR_EIO_INVALID_OPTION",
      message: expect.stringMatching(message) as string,
    }),
  );
});
