// When the connection that something is to be written to goes away: one listener for each socket, however
// many responses wait in its pipeline. Node tells a response that waits there nothing of it.
import type { Socket } from "node:net";

const waiting = new WeakMap<Socket, Set<() => void>>();

/** Calls `tell` once the socket is closed; answers how not to be told. */
export function whenClosed(socket: Socket, tell: () => void): () => void {
  let set = waiting.get(socket);
  if (set === undefined) {
    const all = (set = new Set());
    waiting.set(socket, all);
    socket.once("close", () => {
      for (const one of [...all]) one();
    });
  }
  set.add(tell);
  return () => void set.delete(tell);
}
