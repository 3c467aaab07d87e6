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
  kit: Kit,
  tracer: Api.Tracer,
  options: SpanOptions,
): () => void {
  const spans = new Spans(kit, tracer, options);
  return options.spans === "all"
    ? traceAll(eio, kit, spans)
    : traceSlow(eio, kit, spans, options.slowMs);
}

/** Starts and ends spans of requests. */
class Spans {
  readonly #errorStatus: Api.SpanStatusCode;
  readonly #tracer: Api.Tracer;
  readonly #options: SpanOptions;

  constructor(
    { SpanStatusCode }: Kit,
    tracer: Api.Tracer,
    options: SpanOptions,
  ) {
    this.#errorStatus = SpanStatusCode.ERROR;
    this.#tracer = tracer;
    this.#options = options;
  }

  start(
    { op, lane, priority, path, dest }: RequestEvent,
    within: Api.Context,
    startTime?: number,
  ): Api.Span {
    const { attributes, paths } = this.#options;
    return this.#tracer.startSpan(
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
  }

  end(event: RequestEvent, span: Api.Span, endTime?: number): void {
    const { backend, code, waitMs = 0, runMs = 0 } = event;
    span.setAttributes({
      "node_eio.backend": backend,
      "node_eio.wait_time": Math.max(0, waitMs) / MS_PER_S,
      "node_eio.run_time": runMs / MS_PER_S,
    });
    if (code !== undefined) {
      span.setAttribute("error.type", code);
      span.setStatus({ code: this.#errorStatus, message: code });
    }
    span.end(endTime);
  }
}

function traceAll(eio: Eio, { context }: Kit, spans: Spans): () => void {
  // The message is one object from the first channel to the last, and may be given things to keep.
  const key = Symbol("span");
  let open = 0;
  let stopped = false;

  const submitted = (message: unknown): void => {
    const event = message as RequestEvent;
    if (!eio.owns(event)) return;
    open++;
    event[key] = spans.start(event, context.active());
  };

  const settled = (message: unknown): void => {
    const event = message as RequestEvent;
    const span = event[key] as Api.Span | undefined;
    // Of another instance, or submitted before.
    if (span === undefined) return;
    open--;
    if (stopped && open === 0) unsubscribe(SETTLED, settled);
    spans.end(event, span);
  };

  subscribe(SUBMITTED, submitted);
  subscribe(SETTLED, settled);
  return () => {
    stopped = true;
    unsubscribe(SUBMITTED, submitted);
    if (open === 0) unsubscribe(SETTLED, settled);
  };
}

const traceSlow = (
  eio: Eio,
  { context }: Kit,
  spans: Spans,
  slowMs: number,
): (() => void) =>
  eio.onSlow(
    (operation, within) => {
      const now = Date.now();
      const span = spans.start(operation, within, now - operation.tookMs);
      spans.end(operation, span, now);
    },
    { afterMs: slowMs, stack: false, keep: () => context.active() },
  );

const SUBMITTED = "node-eio:request:submitted";
const SETTLED = "node-eio:request:settled";
