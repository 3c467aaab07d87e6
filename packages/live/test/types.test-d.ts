// The types of the doors for whoever looks inside.
import http from "node:http";
import type { RequestHandler } from "express";
import client from "prom-client";
import { createEio, type TimedRequest } from "node-eio";
import { livePage, type LivePageHandler } from "../src/index.ts";
import { collect } from "../src/prometheus.ts";

export const eio = createEio({ slow: { afterMs: 10 }, trackHandles: true });

export const live: LivePageHandler = livePage(eio, {
  allow: ({ headers }) => headers.authorization !== undefined,
});
export const middleware: RequestHandler = live;
export const server = http.createServer((request, response) => {
  const handled: boolean = live(request, response);
  if (!handled) response.end();
});
// @ts-expect-error it is one of two words, or a function
livePage(eio, { allow: "some" });

export const remove: () => void = collect(eio, {
  client,
  register: new client.Registry(),
});
// The whole module does as well.
export const again = async (): Promise<() => void> =>
  collect(eio, { client: await import("prom-client") });
// @ts-expect-error it is no client
collect(eio, { client: {} });

export const stop: () => void = eio.onTimed(
  ({ op, waitMs }: TimedRequest) => `${op} ${waitMs.toFixed(1)}`,
  { all: false },
);
