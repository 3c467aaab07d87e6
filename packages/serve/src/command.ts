// `node-eio serve DIR`: the server as a program. It reads the line of the command, says what it does,
// and ends on a signal.
import { parseArgs } from "node:util";
import { isLogFormat, logLine, type LogFormat } from "./access-log.ts";
import type { Dotfiles, Symlinks } from "./options.ts";
import {
  startServer,
  type ServerOptions,
  type StaticServer,
} from "./server.ts";

const PORT = 8080;
const PORT_TRIES = 20;
const MS_PER_S = 1000;

const HELP = `Usage: node-eio serve [DIR] [options]

Serves the files in DIR (by default the current folder) over HTTP until it is stopped.

  --port N            port to listen on; by default ${PORT}, or the next free one. 0: any free port
  --host ADDRESS      address to listen on; by default 127.0.0.1, only this machine. 0.0.0.0: everybody
  --listing           list folders that have no index file
  --index NAMES       index files, separated by commas; by default index.html
  --dotfiles HOW      names that begin with a dot: ignore (the default), deny, allow
  --symlinks HOW      symbolic links: inside (the default: followed if they stay in DIR), follow, refuse
  --racy-path-checks  serve even if the kernel cannot keep paths in DIR: compares real paths instead,
                      which local users can get around if they can move folders at the same time
  --no-precompressed  do not send FILE.br and FILE.gz in place of FILE
  --cache SECONDS     how long clients may cache files: Cache-Control: public, max-age=SECONDS
  --cache-control S   the Cache-Control header itself
  --type EXT=TYPE     a content type for an extension; may be repeated
  --max-ranges N      most ranges in one request; by default 16
  --timeout SECONDS   close connections that have been idle for so long; by default 60
  --grace SECONDS     time that running requests get to finish when it is stopped; by default 10
  --log FORMAT        common (the default), combined, json, off
  --live PATH         path of the live page, for this machine only; by default /_eio
  --live-for-all      show the live page to everybody who can reach the server
  --live-host NAME    a further host name under which the live page may be opened, besides localhost
                      and the server's address; may be repeated
  --no-live           no live page`;

const options = {
  port: { type: "string" },
  host: { type: "string" },
  listing: { type: "boolean" },
  index: { type: "string" },
  dotfiles: { type: "string" },
  symlinks: { type: "string" },
  "racy-path-checks": { type: "boolean" },
  "no-precompressed": { type: "boolean" },
  cache: { type: "string" },
  "cache-control": { type: "string" },
  type: { type: "string", multiple: true },
  "max-ranges": { type: "string" },
  timeout: { type: "string" },
  grace: { type: "string" },
  log: { type: "string" },
  live: { type: "string" },
  "live-for-all": { type: "boolean" },
  "live-host": { type: "string", multiple: true },
  "no-live": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const USAGE_STATUS = 2;

class Usage extends Error {}

interface Asked {
  folder: string;
  server: ServerOptions;
  graceMs: number;
}

/** Throws Usage with a sentence. */
function read(args: string[]): Asked | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  if (positionals.length > 1)
    throw new Usage(`one folder at a time, not ${positionals.length}`);
  const number = (
    name: string,
    text: string | undefined,
    max = 2 ** 31 - 1,
  ): number | undefined => {
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text) || Number(text) > max)
      throw new Usage(
        `--${name} takes a number from 0 to ${max}, not "${text}"`,
      );
    return Number(text);
  };
  const seconds = (
    name: string,
    text: string | undefined,
  ): number | undefined => {
    const seconds = number(name, text, 86_400);
    return seconds === undefined ? undefined : seconds * MS_PER_S;
  };
  const cache = number("cache", values.cache);
  const port = number("port", values.port, 65_535);
  const log = values.log ?? "common";
  if (log !== "off" && !isLogFormat(log))
    throw new Usage(`--log takes common, combined, json or off, not "${log}"`);
  return {
    folder: positionals[0] ?? ".",
    graceMs: seconds("grace", values.grace) ?? 10 * MS_PER_S,
    server: {
      port: port ?? PORT,
      portTries: port === undefined ? PORT_TRIES : 0,
      host: values.host,
      listing: values.listing,
      index: values.index?.split(",").filter(Boolean),
      dotfiles: values.dotfiles as Dotfiles | undefined,
      symlinks: values.symlinks as Symlinks | undefined,
      racyPathChecks: values["racy-path-checks"],
      precompressed: !values["no-precompressed"],
      cacheControl:
        values["cache-control"] ??
        (cache === undefined ? undefined : `public, max-age=${cache}`),
      types: Object.fromEntries((values.type ?? []).map(typeRule)),
      maxRanges: number("max-ranges", values["max-ranges"]),
      idleTimeoutMs: seconds("timeout", values.timeout),
      log: log === "off" ? undefined : writer(log),
      live: !values["no-live"] && {
        path: values.live,
        allow: values["live-for-all"] ? "all" : "local",
        hosts: values["live-host"],
      },
    },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

function typeRule(rule: string): [string, string] {
  const [, extension, type] = /^\.?([^=]+)=(.+\/.+)$/.exec(rule) ?? [];
  if (extension === undefined || type === undefined)
    throw new Usage(`--type takes EXT=TYPE, not "${rule}"`);
  return [extension, type];
}

const writer =
  (format: LogFormat): NonNullable<ServerOptions["log"]> =>
  (entry) =>
    void process.stdout.write(`${logLine(format, entry)}\n`);

/** Of an error at the start, in a sentence that says what to do. */
function startError(
  { code, message }: NodeJS.ErrnoException,
  { folder, server }: Asked,
): string {
  const { port = PORT, portTries = 0, host } = server;
  if (code === "ENOENT" || code === "ENOTDIR")
    return `there is no folder "${folder}"`;
  if (code === "EADDRINUSE")
    return portTries === 0
      ? `port ${port} is taken; --port 0 takes any that is free`
      : `ports ${port} to ${port + portTries} are all taken; --port 0 takes any that is free`;
  if (code === "EACCES")
    return `may not listen on port ${port}, or not open "${folder}" (${message})`;
  if (code === "ERR_EIO_BENEATH_UNAVAILABLE")
    return `${message}\nWith --racy-path-checks it serves all the same; see --help`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `this machine has no address "${host}"`;
  return message;
}

/** Runs `node-eio serve` with these arguments; resolves to the status to exit with. */
export async function main(args: string[]): Promise<number> {
  let order: Asked | "help";
  try {
    order = read(args);
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    console.error(`node-eio serve: ${error.message}\n\n${HELP}`);
    return USAGE_STATUS;
  }
  if (order === "help") {
    console.log(HELP);
    return 0;
  }
  let running: StaticServer;
  try {
    running = await startServer(order.folder, order.server);
  } catch (error) {
    console.error(`node-eio serve: ${startError(error as Error, order)}`);
    return 1;
  }
  const { guard, live, url } = running;
  if (guard.kind !== "kernel") console.error(`node-eio serve: ${guard.about}`);
  const at =
    live === null ? "" : `\nLive page: ${url.slice(0, -1)}${live.path}`;
  console.log(`Serving ${order.folder} at ${url} (Ctrl+C ends it)${at}`);
  await stopSignal();
  await running.close(order.graceMs);
  return 0;
}

/** Signals end it; a second one at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let again = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        if (again) process.exit(1);
        again = true;
        resolve();
      });
  });
}
