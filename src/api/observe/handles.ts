// Which handles are open, and where they were opened: for whoever looks for a leak. Kept only for
// instances that were told to; every open then costs a stack.
import fs from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { callSite, keepStack } from "./call-site.ts";

export interface OpenHandle {
  fd: number;
  /** Where the descriptor leads, if the system can tell. */
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

const tracked = new WeakMap<Engine, Map<HasFd, Opened>>();

export function trackHandles(engine: Engine): void {
  if (!tracked.has(engine)) tracked.set(engine, new Map());
}

/** Where somebody opens; null where nobody wants to know. */
export const placeOfOpening = (
  engine: Engine,
  above: (...args: never[]) => unknown,
): { stack?: string } | null => (tracked.has(engine) ? keepStack(above) : null);

export function noteOpened(
  engine: Engine,
  descriptor: HasFd,
  holder: { stack?: string } | null,
): void {
  if (holder === null) return;
  tracked.get(engine)?.set(descriptor, { openedAt: new Date(), holder });
}

export function noteClosed(engine: Engine, descriptor: HasFd): void {
  tracked.get(engine)?.delete(descriptor);
}

export function openHandles(engine: Engine): OpenHandle[] {
  return [...(tracked.get(engine) ?? [])].map(
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
