// A line for each answer: in the common log format, the combined one, or JSON. What a client sent is
// escaped, so that no request can write lines of its own.
import type { IncomingMessage, ServerResponse } from "node:http";
import { clockMs } from "node-eio/internal";

export interface AccessEntry {
  time: Date;
  remote: string;
  method: string;
  url: string;
  version: string;
  status: number;
  /** Of the body, as far as it went. */
  bytes: number;
  /** Whether the client got all of it. */
  complete: boolean;
  durationMs: number;
  referer: string | undefined;
  agent: string | undefined;
}

export type LogFormat = "common" | "combined" | "json";

/** Calls `write` once the answer is out, or will never be. */
export function logAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  write: (entry: AccessEntry) => void,
): void {
  const beganMs = clockMs();
  const { socket, method = "", url = "", httpVersion, headers } = request;
  const remote = socket.remoteAddress ?? "-";
  const before = socket.bytesWritten;
  response.once("close", () => {
    write({
      time: new Date(),
      ...{ remote, method, url, version: httpVersion },
      status: response.statusCode,
      ...bodyOf(response, socket.bytesWritten - before),
      durationMs: clockMs() - beganMs,
      referer: headers.referer,
      agent: headers["user-agent"],
    });
  });
}

/** A response says that it is finished also where its connection has broken: what went is counted. */
function bodyOf(
  response: ServerResponse,
  wireBytes: number,
): Pick<AccessEntry, "bytes" | "complete"> {
  const { statusCode, req, writableFinished } = response;
  if (req.method === "HEAD" || statusCode === 204 || statusCode === 304)
    return { bytes: 0, complete: writableFinished };
  const { _header } = response as { _header?: string | null };
  const went = Math.max(0, wireBytes - (_header?.length ?? 0));
  const declared = Number(response.getHeader("content-length") ?? NaN);
  if (Number.isNaN(declared))
    return { bytes: went, complete: writableFinished };
  return {
    bytes: Math.min(went, declared),
    complete: writableFinished && went >= declared,
  };
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function clfTime(time: Date): string {
  const [date = "", clock = ""] = time.toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`;
}

const escape = (text: string): string =>
  text.replace(/[^\x20-\x7e]|["\\]/gu, (sign) =>
    [...Buffer.from(sign)]
      .map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
      .join(""),
  );

function commonLine(entry: AccessEntry): string {
  const { remote, time, method, url, version, status, bytes } = entry;
  const line = escape(`${method} ${url} HTTP/${version}`);
  return `${remote} - - [${clfTime(time)}] "${line}" ${status} ${bytes || "-"}`;
}

const formats: Record<LogFormat, (entry: AccessEntry) => string> = {
  common: commonLine,
  combined: (entry) => {
    const quoted = (text = "-"): string => `"${escape(text)}"`;
    return `${commonLine(entry)} ${quoted(entry.referer)} ${quoted(entry.agent)}`;
  },
  json: ({ durationMs, ...entry }) =>
    JSON.stringify({ ...entry, durationMs: Number(durationMs.toFixed(3)) }),
};

export const isLogFormat = (name: string): name is LogFormat =>
  Object.hasOwn(formats, name);

/** A line of the access log, as servers write it. */
export const logLine = (format: LogFormat, entry: AccessEntry): string =>
  formats[format](entry);
