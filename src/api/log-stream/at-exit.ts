// Streams that have something to write when the process exits: it is written then, on the thread that exits. What was submitted
// before has been carried out by then, so it comes first. It does not know what a stream is.
import process from "node:process"; // A program may put another in the place of the global one.

export interface FlushesAtExit {
  flushAtExit(): void;
}

const unwritten = new Set<FlushesAtExit>();
let listens = false;

export function flushAtExit(stream: FlushesAtExit): void {
  unwritten.add(stream);
  if (listens) return;
  listens = true;
  process.on("exit", () => {
    for (const stream of unwritten) stream.flushAtExit();
  });
}

/** It has nothing to write any more, and may be collected. */
export function nothingAtExit(stream: FlushesAtExit): void {
  unwritten.delete(stream);
}
