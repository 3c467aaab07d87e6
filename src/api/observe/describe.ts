// A request as those who observe see it: plain data, made once and filled in as it goes on. It does not know who
// observes.
import type { Engine } from "../../engine/engine.ts";
import { DEFAULT_LANE } from "../../engine/options.ts";
import { waitedMs } from "../../engine/metrics.ts";
import { nameByCode, type OpName } from "../../ops/table.ts";
import { PRIORITY_MIN, type Request } from "../../request/request.ts";

/** The same object in all events of a request: whoever observes may keep things of his own on it. */
export interface RequestEvent {
  op: OpName;
  path?: string;
  dest?: string;
  fd?: number;
  priority: number;
  lane: string;
  /** Who runs it. */
  backend: string;
  /** Once it is settled: 0 or more, or a negative errno. */
  result?: number;
  /** Its system error's code, of one that failed. */
  code?: string;
  waitMs?: number;
  runMs?: number;
  [own: string | symbol]: unknown;
}

export function describe(engine: Engine, request: Request): RequestEvent {
  const { op, path, path2, fd, level } = request;
  return {
    op: nameByCode[op]!,
    ...(path === null ? {} : { path: textOf(path) }),
    ...(path2 === null ? {} : { dest: textOf(path2) }),
    ...(fd < 0 ? {} : { fd }),
    priority: level + PRIORITY_MIN,
    lane: engine.scheduler?.nameOf(request) ?? DEFAULT_LANE,
    backend: engine.backend.name,
  };
}

export function fillIn(
  event: RequestEvent,
  { result, sample }: Request,
  codeOf: (errno: number) => string | undefined,
): void {
  event.result = result;
  const code = result < 0 ? codeOf(result) : undefined;
  if (code !== undefined) event.code = code;
  if (sample === null) return;
  if (sample.backend !== null) event.backend = sample.backend;
  event.waitMs = waitedMs(sample);
  event.runMs = Math.max(0, sample.ranMs);
}

const textOf = (path: string | Uint8Array): string =>
  typeof path === "string" ? path : Buffer.from(path).toString();
