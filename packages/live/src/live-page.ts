// livePage: a handler for node:http, Connect and Express that shows what an instance does. Three addresses:
// the page, its stream of events, and the figures once as JSON; everything else is somebody else's.
import type { IncomingMessage, ServerResponse } from "node:http";
import { eio as shared, type Eio } from "node-eio";
import { checkNames } from "node-eio/internal";
import { hostName, refusal, type Access, type Allow } from "./access.ts";
import { livePageText } from "./html.ts";
import { wrong } from "./shared-options.ts";
import { Watchers } from "./watchers.ts";

export interface LivePageOptions {
  /** Where it is; `/_eio` by default. */
  path?: string | undefined;
  /**
   * Who may look: this machine (`local`, the default), everybody who can reach the server (`all`), or those
   * whom a function accepts. Local is who connects from this machine and not through a proxy.
   */
  allow?: Allow | undefined;
  /**
   * Names and addresses that `Host` and `Origin` may have, beside `localhost` and the address that the
   * connection was made to; `any`: whatever they say, which lets pages of other sites in by DNS rebinding.
   */
  hosts?: readonly string[] | "any" | undefined;
  /** Between two samples; 1000 by default. */
  intervalMs?: number | undefined;
  /** Pages that may watch at once: more get 503. 16 by default. */
  watchersMax?: number | undefined;
}

export interface LivePageHandler {
  /** Whether it responded; if not, it has called `next`, if there is one. */
  (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ): boolean;
  readonly path: string;
  /** How many watch now. */
  readonly watchers: number;
  /** Ends their streams, so that a server can close. */
  close(): void;
}

const COMMON = {
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};
const PLAIN = { "content-type": "text/plain; charset=utf-8" };
const STREAM = {
  "content-type": "text/event-stream; charset=utf-8",
  // Proxies are not to collect responses.
  "x-accel-buffering": "no",
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A page, and its data, of what an instance does: a handler for `node:http`, Connect and Express. */
export function livePage(
  eio: Eio = shared,
  options: LivePageOptions = {},
): LivePageHandler {
  const { path, access, intervalMs, watchersMax } = read(options);
  const watchers = new Watchers(eio, intervalMs, watchersMax);
  const routes: Record<string, Answer> = {
    [path]: (request, response) => {
      const { html, headers } = livePageText();
      send(request, response, 200, headers, html);
    },
    [`${path}/stats.json`]: (request, response) => {
      const type = { "content-type": "application/json; charset=utf-8" };
      send(request, response, 200, type, JSON.stringify(eio.stats(), null, 2));
    },
    [`${path}/events`]: (request, response) => {
      if (watchers.full)
        return send(request, response, 503, PLAIN, "Enough are watching.\n");
      response.writeHead(200, { ...COMMON, ...STREAM });
      if (request.method === "HEAD") response.end();
      else watchers.add(response);
    },
  };
  const handler = (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ): boolean => {
    const answer = routes[pathOf(request)];
    if (answer === undefined) {
      next?.();
      return false;
    }
    const why = refusal(request, access);
    if (why !== null) send(request, response, 403, PLAIN, `${why}\n`);
    else if (request.method !== "GET" && request.method !== "HEAD")
      send(
        request,
        response,
        405,
        { ...PLAIN, allow: "GET, HEAD" },
        "GET or HEAD.\n",
      );
    else answer(request, response);
    return true;
  };
  return Object.defineProperties(handler, {
    path: { value: path },
    watchers: { get: () => watchers.count },
    close: { value: () => watchers.close() },
  }) as LivePageHandler;
}

/** A framework that mounts handlers keeps the whole path beside. */
function pathOf(request: IncomingMessage & { originalUrl?: string }): string {
  const { originalUrl, url = "/" } = request;
  const [path = ""] = (originalUrl ?? url).split(/[?#]/, 1);
  return path.replace(/^https?:\/\/[^/]*/i, "").replace(/\/$/, "");
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  response.writeHead(status, {
    ...COMMON,
    ...headers,
    "content-length": Buffer.byteLength(body),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

interface Settings {
  path: string;
  access: Access;
  intervalMs: number;
  watchersMax: number;
}

const names = ["path", "allow", "hosts", "intervalMs", "watchersMax"];

function read(options: LivePageOptions): Settings {
  checkNames(options, names);
  const {
    path = "/_eio",
    allow = "local",
    hosts = [],
    intervalMs = 1000,
    watchersMax = 16,
  } = options;
  if (typeof path !== "string" || !/^(?:\/[\w.~-]+)+$/.test(path))
    throw wrong("path", "a path such as /_eio", path);
  if (allow !== "local" && allow !== "all" && typeof allow !== "function")
    throw wrong("allow", '"local", "all" or a function', allow);
  if (!isHosts(hosts))
    throw wrong("hosts", '"any", or names and addresses in an array', hosts);
  const whole = (name: string, value: unknown, min: number, max: number) => {
    if (
      !Number.isInteger(value) ||
      !(Number(value) >= min && Number(value) <= max)
    )
      throw wrong(name, `an integer from ${min} to ${max}`, value);
  };
  whole("intervalMs", intervalMs, 50, 60_000);
  whole("watchersMax", watchersMax, 1, 10_000);
  return { path, access: { allow, hosts }, intervalMs, watchersMax };
}

const isHosts = (hosts: unknown): boolean =>
  hosts === "any" ||
  (Array.isArray(hosts) &&
    hosts.every((host) => typeof host === "string" && hostName(host) !== null));
