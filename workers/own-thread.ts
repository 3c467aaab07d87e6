// The portable executor on the caller's own thread, for processes that may have neither workers nor native
// code: what may wait for somebody else goes through Node's own asynchronous calls, all the rest is done at
// once. It knows slots, not who hands them over or takes their ends.
import type nodeFs from "node:fs";
import type { OpName } from "../src/ops/table.ts";
import { nameByCode } from "../src/ops/table.ts";
import { Memory, type SharedMemory } from "../src/request/memory.ts";
import { Special } from "../src/request/layout.ts";
import { Frame, MOVED, type Port } from "./frame.ts";
import type { Outcome } from "./execute.ts";
import { nativeExecutor, nativeOpen } from "./native.ts";
import { failure, run } from "./run.ts";

export { MOVED };

/** Node's own, from before anybody has replaced them. */
export type Waiting = Pick<
  typeof nodeFs,
  "open" | "read" | "write" | "readFile" | "writeFile"
>;
type Begin = (
  f: Frame,
  node: Waiting,
  done: (error: Error | null, count: number) => void,
) => void;

const content =
  (f: Frame, done: Parameters<Begin>[2]) =>
  (error: Error | null, bytes: Buffer): void =>
    error === null ? done(null, f.send(bytes)) : done(error, 0);

/** Pipes, terminals and sockets may let these wait for ever. */
const waits: Partial<Record<OpName, Begin>> = {
  open: (f, node, done) => node.open(f.path, f.a, f.b, done),
  read: (f, node, done) =>
    node.read(f.fd, f.bytes, f.dataOffset, f.dataBytes, f.position, done),
  write: (f, node, done) =>
    node.write(f.fd, f.bytes, f.dataOffset, f.dataBytes, f.position, done),
  slurp: (f, node, done) =>
    node.readFile(f.path, { flag: f.a as never }, content(f, done)),
  slurpFd: (f, node, done) => node.readFile(f.fd, content(f, done)),
  spew: (f, node, done) => {
    const options = { flag: f.a as never, mode: f.b, flush: f.c !== 0 };
    node.writeFile(f.path, f.data, options, (error) => done(error, 0));
  },
};

/** A function that runs a slot; its outcome may be a promise, and does not reject. */
export function ownThread(
  shared: SharedMemory,
  native: string | null,
  port: Port,
  node: Waiting,
): (slot: number) => Outcome {
  const memory = new Memory(shared);
  const openWithin = nativeOpen(native);
  const runNative = nativeExecutor(native, memory);
  return (slot) => {
    // Each its own: several may be under way.
    const frame = new Frame(memory, port, openWithin);
    frame.enter(slot);
    const begin = frame.isPlain ? waits[nameByCode[frame.op]!] : undefined;
    if (begin !== undefined)
      return new Promise((resolve) =>
        begin(frame, node, (error, count) =>
          resolve(error === null ? count : failure(frame, error)),
        ),
      );
    const outcome = runNative(frame);
    return outcome === Special.declined ? run(frame) : outcome;
  };
}
