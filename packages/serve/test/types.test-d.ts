// The types of the doors that serve files, checked by the compiler: what must compile does, and each line
// below an @ts-expect-error must not. Nothing here ever runs.
import { createServer, type ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import express from "express";
import fastify from "fastify";
import connectDefault, { connect } from "../src/connect.ts";
import eioStatic from "../src/fastify.ts";
import { eio } from "node-eio";
import { logLine, serveStatic, startServer } from "../src/index.ts";

declare const response: ServerResponse;
declare const http2Response: Http2ServerResponse;
declare const socket: Socket;

export async function sends(): Promise<void> {
  const bytes: number = await eio.sendFile(response, "a");
  const handle = await eio.promises.open("a");
  await eio.sendFile(socket, handle, { start: bytes, end: 9, finish: true });
  await eio.sendFile(http2Response, 3, { headers: { "x-a": ["1", "2"] } });
  await eio.sendFile(response, new URL("file:///a"), { priority: 1 });
  // @ts-expect-error a number
  await eio.sendFile(response, "a", { start: "0" });
  // @ts-expect-error something to write to
  await eio.sendFile({}, "a");
}

export async function serves(): Promise<void> {
  const files = serveStatic("a", {
    dotfiles: "deny",
    cacheControl: (path, { size }) => `${path}${size}`,
  });
  createServer((request, response) => void files(request, response));
  const { kind }: { kind: "kernel" | "realpath" | "none" } = await files.ready;
  const { url, close } = await startServer("a", {
    port: 1,
    log: (entry) => logLine("common", entry),
  });
  await close(url.length + kind.length);
  // @ts-expect-error one of three
  serveStatic("a", { symlinks: "some" });
}

export function frameworks(): void {
  const app = express();
  app.use(connect("a", { listing: true }));
  app.use("/b", connectDefault("b"));
  // @ts-expect-error a folder
  connect();
  const instance = fastify();
  void instance.register(eioStatic, { root: "a", prefix: "/b" });
  // @ts-expect-error a root
  void instance.register(eioStatic, { prefix: "/b" });
  instance.get("/", (_, reply) => reply.eioSendFile("a"));
}
