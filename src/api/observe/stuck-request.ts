// What is reported of a request that runs for too long: what it is, on what, since when, where. It does not know when
// that is, nor what is done about it.
import fs from "node:fs";
import type { RunnerName } from "../../backends/backend.ts";
import type { Engine } from "../../engine/engine.ts";
import { DEFAULT_LANE } from "../../engine/options.ts";
import type { Running } from "../../engine/metrics.ts";
import { nameByCode, type OpName } from "../../ops/table.ts";
import { Phase, PRIORITY_MIN } from "../../request/request.ts";

export interface StuckRequest {
  op: OpName;
  /** Its path; of a request on a descriptor, where that leads, if the kernel knows. */
  path?: string;
  dest?: string;
  fd?: number;
  /** It runs for at least so long. */
  ageMs: number;
  lane: string;
  /** Who runs it. */
  backend: RunnerName;
  priority: number;
  /** It timed out or was aborted: its caller knows, or will when the request lets go of its memory. */
  abandoned: boolean;
}

export function describeStuck(
  { backend, scheduler }: Engine,
  { request, slot, ageMs }: Running,
): StuckRequest {
  const { op, path, path2, fd, level, phase } = request;
  const at = path ?? (fd >= 0 ? pathOf(fd) : null);
  return {
    op: nameByCode[op]!,
    ...(at === null ? {} : { path: textOf(at) }),
    ...(path2 === null ? {} : { dest: textOf(path2) }),
    ...(fd < 0 ? {} : { fd }),
    ageMs: Math.round(ageMs),
    lane: scheduler?.nameOf(request) ?? DEFAULT_LANE,
    backend: backend.holder?.(slot) ?? backend.name,
    priority: level + PRIORITY_MIN,
    abandoned: phase === Phase.orphaned || phase === Phase.givenUp,
  };
}

const textOf = (path: string | Uint8Array): string =>
  typeof path === "string" ? path : Buffer.from(path).toString();

/** The kernel keeps the name: the file system, which may be dead, is left alone. */
function pathOf(fd: number): string | null {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}
