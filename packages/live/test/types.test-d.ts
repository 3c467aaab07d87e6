// The types of the doors for whoever looks inside.
import http from "node:http";
import * as otel from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { RequestHandler } from "express";
import client from "prom-client";
import { createEio, type TimedRequest } from "node-eio";
import { livePage, type LivePageHandler } from "../src/index.ts";
import { instrument } from "../src/opentelemetry.ts";
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

// What the SDK has is what is wanted, and so is the API as a whole.
export function telemetry(): void {
  using one = instrument(eio, {
    api: otel,
    meterProvider: new MeterProvider(),
    tracerProvider: new BasicTracerProvider(),
    tracer: otel.trace.getTracer("app"),
    attributes: { "node_eio.instance": "bulk" },
  });
  one.stop();
}
// @ts-expect-error it is no meter
instrument(eio, { meter: {} });
// @ts-expect-error it is one of two words, or false
instrument(eio, { spans: true });

export const stop: () => void = eio.onTimed(
  ({ op, waitMs }: TimedRequest) => `${op} ${waitMs.toFixed(1)}`,
  { all: false },
);
