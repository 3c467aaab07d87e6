// A file into any stream, through JavaScript's memory: one chunk is read while the one before it is on
// its way out. It knows the stream as something that says when it is full, and that may go away.
import { AbortError } from "../../request/errors.ts";
import type { Source } from "./source.ts";
import { whenOver, type Target } from "./target.ts";

const CHUNK_BYTES = 256 << 10;

/** Sends a range, or all that comes where there is none; returns how much there was. */
export async function pump(
  target: Target,
  source: Source,
  range: { start: number; bytes: number } | null,
  signal: AbortSignal | undefined,
): Promise<number> {
  const end = range === null ? Infinity : range.start + range.bytes;
  let at = range?.start ?? 0;
  let sent = 0;
  const read = async (): Promise<Buffer> => {
    // Without a range there are no positions, either.
    const from = range === null ? -1 : at;
    const chunk = await source.read(from, Math.min(CHUNK_BYTES, end - at));
    at += chunk.byteLength;
    return chunk;
  };
  const flow = new Flow(target, signal);
  try {
    let next = read();
    while (sent < end) {
      const chunk = await Promise.race([next, flow.ended]);
      if (chunk.byteLength === 0) break;
      sent += chunk.byteLength;
      const more = range === null || sent < range.bytes;
      if (more) next = read();
      // Whoever waits for the room may never ask for it.
      next.catch(() => {});
      const room = target.write(chunk);
      if (!room) await Promise.race([flow.room(), flow.ended]);
      if (!more) break;
    }
  } finally {
    flow.stop();
  }
  return sent;
}

/** What the target and the signal have to say meanwhile. */
class Flow {
  /** Rejects when the target has gone, or the signal fires: the target is destroyed then. */
  readonly ended: Promise<never>;
  readonly #target: Target;
  #stop: (() => void) | undefined;

  constructor(target: Target, signal: AbortSignal | undefined) {
    this.#target = target;
    this.ended = new Promise((_, reject) => {
      const abort = (): void => {
        const error = new AbortError(signal!.reason);
        reject(error);
        target.destroy(error);
      };
      const cleanup = whenOver(target, (error) =>
        reject(error ?? new Error("The target was ended meanwhile")),
      );
      signal?.addEventListener("abort", abort, { once: true });
      this.#stop = () => {
        cleanup();
        signal?.removeEventListener("abort", abort);
      };
    });
    this.ended.catch(() => {});
  }

  room(): Promise<void> {
    return new Promise((resolve) => this.#target.once("drain", resolve));
  }

  stop(): void {
    this.#stop?.();
  }
}
