// A server of its own around the handler: limits on what a client may cost, a log, and an end that lets
// what runs finish. It knows sockets and times, not files.
import http from "node:http";
import { isIP, type AddressInfo } from "node:net";
import {
  livePage,
  type LivePageHandler,
  type LivePageOptions,
} from "@node-eio/live";
import { logAnswer, type AccessEntry } from "./access-log.ts";
import { serveOptionsOf, type ServeOptions } from "./options.ts";
import type { Guard } from "./root.ts";
import { serveStatic, type StaticHandler } from "./static.ts";
import {
  checkInteger,
  checkOption,
  clearTimeout,
  setImmediate,
  setTimeout,
} from "node-eio/internal";

export interface ServerOptions extends ServeOptions {
  /** 0 is any that is free. */
  port?: number | undefined;
  /** An address or a name; 127.0.0.1 by default: nobody but this machine. */
  host?: string | undefined;
  /** How many ports after the one that is taken are tried; none by default. */
  portTries?: number | undefined;
  /** Bytes of a request's headers: with more 431. */
  maxHeaderBytes?: number | undefined;
  /** At once: more are turned away. */
  maxConnections?: number | undefined;
  /** For all of a request to arrive. */
  requestTimeoutMs?: number | undefined;
  /** Without a byte in either direction. */
  idleTimeoutMs?: number | undefined;
  /** Between two requests of a connection. */
  keepAliveTimeoutMs?: number | undefined;
  /** The live page, at `/_eio` for this machine only or as its options say; no by default. */
  live?: boolean | LivePageOptions | undefined;
  /** Called for each answer. */
  log?: ((entry: AccessEntry) => void) | undefined;
}

export interface StaticServer {
  readonly server: http.Server;
  readonly handler: StaticHandler;
  /** With a slash at its end. */
  readonly url: string;
  readonly guard: Guard;
  /** The live page, if there is one. */
  readonly live: LivePageHandler | null;
  /** Takes no more requests, lets those that run finish for so long, then ends. */
  close(graceMs?: number): Promise<void>;
}

const DEFAULTS = {
  maxHeaderBytes: 16 << 10,
  maxConnections: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 5000,
};
const TIMER_MAX_MS = 0x7fffffff;
const COUNT_MAX = 0x7fffffff;
/** Of a time 0 is none. */
const RANGES = {
  port: [0, 65_535],
  portTries: [0, 65_535],
  maxHeaderBytes: [1, COUNT_MAX],
  maxConnections: [1, COUNT_MAX],
  requestTimeoutMs: [0, TIMER_MAX_MS],
  idleTimeoutMs: [0, TIMER_MAX_MS],
  keepAliveTimeoutMs: [0, TIMER_MAX_MS],
} as const satisfies Partial<Record<keyof ServerOptions, [number, number]>>;
const GRACE_MS = 10_000;
/** Beside those of the file handler. */
const OWN = [
  ...["port", "host", "portTries", "live", "log"],
  ...Object.keys(DEFAULTS),
];

/** Serves a folder; rejects where there is none, or no port. */
export async function startServer(
  folder: string,
  options: ServerOptions = {},
): Promise<StaticServer> {
  const served = serveOptionsOf(options, OWN);
  checkOwn(options);
  const limits = { ...DEFAULTS, ...limitsOf(options) };
  const live = liveOf(options);
  const handler = serveStatic(folder, served);
  const guard = await handler.ready;
  let closing = false;
  const server = http.createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
    (request, response) => {
      if (options.log) logAnswer(request, response, options.log);
      if (closing) response.shouldKeepAlive = false;
      // Those that had their response before close() was called live on until here.
      response.once("close", () => {
        if (closing) setImmediate(() => server.closeIdleConnections());
      });
      if (live?.(request, response) !== true) void handler(request, response);
    },
  );
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.idleTimeoutMs;
  const { host = "127.0.0.1", port = 0, portTries = 0 } = options;
  try {
    await listenNear(server, host, port, portTries);
  } catch (error) {
    await handler.close();
    throw error;
  }

  let closed: Promise<void> | undefined;
  const close = async (graceMs: number): Promise<void> => {
    closing = true;
    live?.close();
    const done = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
    await done;
    clearTimeout(deadline);
    await handler.close();
  };
  const url = urlOf(server.address() as AddressInfo, host);
  return {
    ...{ server, handler, url, guard, live },
    close: (graceMs = GRACE_MS) => (closed ??= close(graceMs)),
  };
}

/** Of the limits, where to listen, and what is called. */
function checkOwn(options: ServerOptions): void {
  for (const [name, [min, max]] of Object.entries(RANGES)) {
    const value = options[name as keyof typeof RANGES];
    if (value !== undefined) checkInteger(name, value, min, max);
  }
  const { host, log, live } = options;
  checkOption(
    "host",
    host,
    host === undefined || (typeof host === "string" && host !== ""),
    "an address or a name",
  );
  checkOption(
    "log",
    log,
    log === undefined || typeof log === "function",
    "a function",
  );
  checkOption(
    "live",
    live,
    live !== null && ["undefined", "boolean", "object"].includes(typeof live),
    "true, false, or the options of the live page",
  );
}

/** Under the name that the server listens on, too. */
function liveOf({ eio, host, live }: ServerOptions): LivePageHandler | null {
  if (live === undefined || live === false) return null;
  const options = live === true ? {} : live;
  const { hosts = [] } = options;
  return livePage(eio, {
    ...options,
    hosts:
      host === undefined || !Array.isArray(hosts) ? hosts : [...hosts, host],
  });
}

type Limits = Partial<typeof DEFAULTS>;

const limitsOf = (options: ServerOptions): Limits =>
  Object.fromEntries(
    Object.keys(DEFAULTS).flatMap((name) => {
      const value = options[name as keyof Limits];
      return value === undefined ? [] : [[name, value]];
    }),
  );

async function listenNear(
  server: http.Server,
  host: string,
  port: number,
  tries: number,
): Promise<void> {
  for (let at = port; ; at++) {
    try {
      return await listen(server, host, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || at >= port + tries) throw error;
    }
  }
}

function listen(
  server: http.Server,
  host: string,
  port: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** As a browser on this machine takes it. */
function urlOf({ address, port }: AddressInfo, host: string): string {
  const anywhere = address === "::" || address === "0.0.0.0";
  const name = anywhere ? "localhost" : host;
  return `http://${isIP(name) === 6 ? `[${name}]` : name}:${port}/`;
}
