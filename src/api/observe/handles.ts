// Which handles are open, and where they were opened: for whoever looks for a leak. Kept only for instances
// with `trackHandles`, where every open costs a stack; it does not know how anything is opened.
import fs from "node:fs";
import type { Submitter } from "../submitter.ts";
import { callSite, keepStack } from "./call-site.ts";

export interface OpenHandle {
  fd: number;
  /** Where the descriptor leads, if the system knows. */
  path?: string;
  openedAt: Date;
  /** The stack of the call that opened it. */
  stack: string;
}

interface HasFd {
  readonly fd: number;
}

/** When, and by whom. */
interface Opened {
  openedAt: Date;
  holder: { stack?: string };
}

/** On the engine itself: its groups and working directories have it from there. */
const tracked = Symbol("open handles");

const handlesOf = (submitter: Submitter): Map<HasFd, Opened> | undefined =>
  submitter.behind === undefined
    ? (submitter as { [tracked]?: Map<HasFd, Opened> })[tracked]
    : handlesOf(submitter.behind);

export function trackHandles(engine: Submitter): void {
  Object.defineProperty(engine, tracked, { value: new Map() });
}

/** The stack above a function; null where handles are not tracked. */
export const placeOf = (
  engine: Submitter,
  above: (...args: never[]) => unknown,
): { stack?: string } | null =>
  handlesOf(engine) === undefined ? null : keepStack(above);

export function noteOpened(
  engine: Submitter,
  descriptor: HasFd,
  holder: { stack?: string } | null,
): void {
  if (holder === null) return;
  handlesOf(engine)?.set(descriptor, { openedAt: new Date(), holder });
}

export function noteClosed(engine: Submitter, descriptor: HasFd): void {
  handlesOf(engine)?.delete(descriptor);
}

export function openHandles(engine: Submitter): OpenHandle[] {
  return [...(handlesOf(engine) ?? [])].map(
    ([{ fd }, { openedAt, holder }]) => {
      const path = pathOf(fd);
      return {
        fd,
        ...(path === null ? {} : { path }),
        openedAt,
        stack: callSite(holder.stack ?? ""),
      };
    },
  );
}

function pathOf(fd: number): string | null {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}
