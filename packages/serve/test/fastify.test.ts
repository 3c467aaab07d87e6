// The plugin in Fastify: its routes, its decorator, and what stays Fastify's.
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import eioStatic, { type EioStaticOptions } from "../src/fastify.ts";
import { exchange } from "../../../test/helpers/raw-http.ts";
import { eio, makeSite } from "./site.ts";

const site = makeSite();
let app: FastifyInstance;
afterEach(() => app.close());

async function start(
  options: Partial<EioStaticOptions> = {},
  more: (app: FastifyInstance) => unknown = () => {},
): Promise<number> {
  app = fastify({ forceCloseConnections: true });
  app.setNotFoundHandler((_, reply) => reply.code(404).send("fastify's"));
  await app.register(eioStatic, { root: site.root, eio, ...options });
  await more(app);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as AddressInfo).port;
}

describe("the plugin", () => {
  it.each(["/static", "static/", "/static/"])(
    "serves below the prefix %s",
    async (prefix) => {
      const port = await start({ prefix });
      const responses = await exchange(
        port,
        ["GET /static/plain.txt"],
        ["HEAD /static/plain.txt"],
        ["GET /static/large.bin", { range: "bytes=5-2000004" }],
        ["GET /static/"],
        ["GET /static/sub"],
        ["GET /static/missing"],
        ["GET /static/.hidden"],
        ["GET /static/gr%C3%B6%C3%9Fe.txt"],
        ["GET /static/per%25cent.txt"],
        ["GET /plain.txt"],
      );
      expect(responses.map(({ status }) => status)).toEqual([
        200, 200, 206, 200, 301, 404, 404, 200, 200, 404,
      ]);
      expect(String(responses[0]!.body)).toBe("0123456789abcdefghij");
      expect(responses[2]!.body.length).toBe(2_000_000);
      expect(responses[4]!.headers["location"]).toBe("/static/sub/");
      expect(String(responses[5]!.body)).toBe("fastify's");
    },
  );

  it("takes Fastify's options of plugins, and refuses what is nobody's", async () => {
    await start({ logLevel: "warn" } as Partial<EioStaticOptions>);
    const other = fastify();
    other.register(eioStatic, { root: site.root, dotfile: "deny" } as never);
    await expect(other.ready()).rejects.toThrow('did you mean "dotfiles"?');
    await other.close();
  });

  it("serves at the root, beside routes, with what hooks have set", async () => {
    const finished: number[] = [];
    const port = await start({}, (app) => {
      app.addHook("onRequest", async (_, reply) => {
        reply.header("x-hook", "1");
      });
      app.addHook("onResponse", async (_, reply) => {
        finished.push(reply.statusCode);
      });
      app.get("/route", () => "a route");
    });
    const [file, route] = await exchange(
      port,
      ["GET /plain.txt"],
      ["GET /route"],
    );
    expect(file!.headers["x-hook"]).toBe("1");
    expect(String(route!.body)).toBe("a route");
    while (finished.length < 2) await new Promise(setImmediate);
    expect(finished).toEqual([200, 200]);
  });

  it("gives replies a method, for all of the application", async () => {
    const port = await start({ serve: false }, (app) =>
      app.register(async (inner) => {
        inner.get("/any", (_, reply) => reply.eioSendFile("sub/other.txt"));
        inner.get("/async", async (_, reply) => reply.eioSendFile("plain.txt"));
        inner.get("/none", (_, reply) => reply.eioSendFile("missing"));
        inner.get("/up", (_, reply) => reply.eioSendFile("../outside.txt"));
      }),
    );
    const responses = await exchange(
      port,
      ["GET /any"],
      ["GET /async", { range: "bytes=0-3" }],
      ["GET /none"],
      ["GET /up"],
      ["GET /plain.txt"],
    );
    expect(responses.map(({ status }) => status)).toEqual([
      200, 206, 404, 404, 404,
    ]);
    expect(String(responses[0]!.body)).toBe("other");
    expect(String(responses[1]!.body)).toBe("0123");
  });

  it("responds to injected requests, without a socket", async () => {
    await start({ prefix: "/s" });
    const { statusCode, rawPayload, headers } =
      await app.inject("/s/large.bin");
    expect(statusCode).toBe(200);
    expect(headers["content-length"]).toBe("3000003");
    expect(rawPayload.equals(site.files["large.bin"]!)).toBe(true);
  });

  it("fails at the start when the folder is not there", async () => {
    await expect(start({ root: "/not/there" })).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  it("has a name and takes no scope of its own", () => {
    const marked = eioStatic as unknown as Record<symbol, unknown>;
    expect(marked[Symbol.for("skip-override")]).toBe(true);
    expect(marked[Symbol.for("fastify.display-name")]).toBe("node-eio");
  });
});
