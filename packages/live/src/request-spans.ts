// Spans of an instance's requests, each below the span that is active where the request was submitted: of all of them as
// they go on, or of slow ones once they have settled. It does not know where the tracer comes from.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type * as Api from "@opentelemetry/api";
import type { Eio, RequestEvent } from "node-eio";
import { MS_PER_S } from "./measures.ts";

export interface SpanOptions {
  /** A span of each request, or of those alone that took slowMs from the call to the result. */
  spans: "all" | "slow";
  slowMs: number;
  /** Whether spans say which paths. */
  paths: boolean;
  /** Of each span. */
  attributes: Api.Attributes;
}

type Kit = Pick<typeof Api, "context" | "SpanStatusCode">;

/** Until the returned function is called; requests that are open then still end their spans. */
export function traceRequests(
  eio: Eio,
  { context, SpanStatusCode }: Kit,
  tracer: Api.Tracer,
  { spans, slowMs, paths, attributes }: SpanOptions,
): () => void {
  // The message is one object from the first channel to the last, and may be given things to keep.
  const key = Symbol("span");
  let open = 0;
  let stopped = false;

  const start = (
    { op, lane, priority, path, dest }: RequestEvent,
    within: Api.Context,
    startTime?: number,
  ): Api.Span =>
    tracer.startSpan(
      `eio ${op}`,
      {
        ...(startTime === undefined ? {} : { startTime }),
        attributes: {
          ...attributes,
          "node_eio.op": op,
          "node_eio.lane": lane,
          ...(priority === 0 ? {} : { "node_eio.priority": priority }),
          ...(paths && path !== undefined ? { "file.path": path } : {}),
          ...(paths && dest !== undefined ? { "node_eio.dest": dest } : {}),
        },
      },
      within,
    );

  const end = (event: RequestEvent, span: Api.Span, endTime?: number): void => {
    const { backend, code, waitMs = 0, runMs = 0 } = event;
    span.setAttributes({
      "node_eio.backend": backend,
      "node_eio.wait_time": Math.max(0, waitMs) / MS_PER_S,
      "node_eio.run_time": runMs / MS_PER_S,
    });
    if (code !== undefined) {
      span.setAttribute("error.type", code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    }
    span.end(endTime);
  };

  const submitted = (message: unknown): void => {
    const event = message as RequestEvent;
    if (!eio.owns(event)) return;
    open++;
    const within = context.active();
    event[key] = spans === "all" ? start(event, within) : within;
  };

  const settled = (message: unknown): void => {
    const event = message as RequestEvent;
    const kept = event[key];
    // Of another instance, or submitted before.
    if (kept === undefined) return;
    open--;
    if (stopped && open === 0) unsubscribe(SETTLED, settled);
    if (spans === "all") return end(event, kept as Api.Span);
    const tookMs = (event.waitMs ?? 0) + (event.runMs ?? 0);
    if (tookMs < slowMs) return;
    const now = Date.now();
    end(event, start(event, kept as Api.Context, now - tookMs), now);
  };

  subscribe(SUBMITTED, submitted);
  subscribe(SETTLED, settled);
  return () => {
    stopped = true;
    unsubscribe(SUBMITTED, submitted);
    if (open === 0) unsubscribe(SETTLED, settled);
  };
}

const SUBMITTED = "node-eio:request:submitted";
const SETTLED = "node-eio:request:settled";
