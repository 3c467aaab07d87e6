// When the connection that something is to be written to goes away: one listener for each socket, however
// many responses wait in its pipeline. Node does not report it to a response that waits there.
import type { Socket } from "node:net";

const waiting = new WeakMap<Socket, Set<() => void>>();

/** Calls `listener` once the socket is closed; returns what takes it away again. */
export function whenClosed(socket: Socket, listener: () => void): () => void {
  let set = waiting.get(socket);
  if (set === undefined) {
    const all = (set = new Set());
    waiting.set(socket, all);
    socket.once("close", () => {
      for (const one of [...all]) one();
    });
  }
  set.add(listener);
  return () => void set.delete(listener);
}
