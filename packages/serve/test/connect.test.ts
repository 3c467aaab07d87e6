// The middleware, in Express and in a chain of handlers of one's own.
import { once } from "node:events";
import http, { type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "../src/connect.ts";
import { exchange } from "../../../test/helpers/raw-http.ts";
import { eio, makeSite } from "./site.ts";

const site = makeSite();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function middleware(options: Parameters<typeof connect>[1] = {}) {
  const made = connect(site.root, { eio, ...options });
  closing.push(() => made.close());
  return made;
}

describe("in Express", () => {
  it("serves below where it is mounted; the rest is the next one's", async () => {
    const app = express();
    app.use("/static", middleware());
    app.post(
      "/static/plain.txt",
      (_, response) => void response.send("posted"),
    );
    app.use((_request, response) => void response.status(404).send("ours"));
    const port = await portOf(app.listen(0, "127.0.0.1"));
    const responses = await exchange(
      port,
      ["GET /static/plain.txt"],
      ["GET /static/large.bin", { range: "bytes=5-2000004" }],
      ["GET /static/sub?x"],
      ["GET /static/missing"],
      ["GET /static/.hidden"],
      ["POST /static/plain.txt", { "content-length": "0" }],
      ["GET /plain.txt"],
      ["HEAD /static/"],
      ["GET /static/plain.txt", { range: "bytes=50-" }],
    );
    expect(responses.map(({ status }) => status)).toEqual([
      200, 206, 301, 404, 404, 200, 404, 200, 416,
    ]);
    expect(String(responses[0]!.body)).toBe("0123456789abcdefghij");
    expect(
      responses[1]!.body.equals(site.files["large.bin"]!.subarray(5, 2000005)),
    ).toBe(true);
    expect(responses[2]!.headers["location"]).toBe("/static/sub/?x");
    expect(String(responses[3]!.body)).toBe("ours");
    expect(String(responses[5]!.body)).toBe("posted");
  });

  it("without fallthrough hands errors on", async () => {
    const app = express();
    app.use(middleware({ fallthrough: false }));
    const statuses: unknown[] = [];
    app.use(((error, _request, response, _next) => {
      statuses.push((error as { status: number }).status);
      response.status(418).end();
    }) as express.ErrorRequestHandler);
    const port = await portOf(app.listen(0, "127.0.0.1"));
    const [answer] = await exchange(port, ["GET /missing"]);
    expect([answer!.status, statuses]).toEqual([418, [404]]);
  });
});

it("in a chain of one's own does what Connect's would", async () => {
  const files = middleware();
  expect((await files.ready).about).toMatch(/\w/);
  const server = http
    .createServer((request, response) =>
      files(request, response, (error) => {
        response.statusCode = error === undefined ? 404 : 500;
        response.end("next");
      }),
    )
    .listen(0, "127.0.0.1");
  const [found, missing] = await exchange(
    await portOf(server),
    ["GET /plain.txt"],
    ["GET /missing"],
  );
  expect([found!.status, missing!.status]).toEqual([200, 404]);
  expect(String(missing!.body)).toBe("next");
});
