// Engines in manual mode that remember their edges, and requests that remember the order of their delivery.
// Only closeWatched() polls here.
import { ops } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";
import {
  closeEngines,
  makeEngine,
  prepare,
  send,
  turn,
  until,
  type Engine,
  type Sent,
  type TestOptions,
} from "./engine.ts";

/** Edges as letters: W and D. */
export class Watched {
  readonly engine: Engine;
  edges = "";

  constructor(options: TestOptions = {}) {
    this.engine = makeEngine({
      maxParallel: 1,
      maxPollTimeMs: 0,
      poll: "manual",
      wantPoll: () => void (this.edges += "W"),
      donePoll: () => void (this.edges += "D"),
      ...options,
    });
    watched.push(this);
  }

  /** Submits a request whose callback adds its name to `delivered` and returns `value`, or what that returns. */
  send(delivered: string[], name: string, level = 4, value?: unknown): Sent {
    const sent = prepare("nop", { level });
    const { settle } = sent.request;
    sent.request.settle = (request) => {
      settle(request);
      delivered.push(name);
      return typeof value === "function" ? value() : value;
    };
    this.engine.submit(sent.request);
    return sent;
  }

  /** Waits until that many are done, without delivering any. */
  async done(count: number): Promise<void> {
    await until(() => this.engine.npending >= count);
  }
}

const watched: Watched[] = [];

/** For afterEach: whatever is left is polled, because close() waits for that. */
export async function closeWatched(): Promise<void> {
  const all = watched.splice(0);
  const closed = closeEngines();
  let open = true;
  void closed.then(() => (open = false));
  while (open) {
    for (const { engine } of all)
      try {
        engine.poll();
      } catch {
        // Some callbacks here throw.
      }
    await turn();
  }
}

export const endable = (
  delivered: string[],
  name: string,
  level = 4,
): Request => {
  const settle = (): void => void delivered.push(name);
  const request = new Request(ops.nop.code, decodeNone, settle);
  request.level = level;
  return request;
};

/** There is a worker, and it is awake or soon will be. */
export async function ready(engine: Engine): Promise<void> {
  const first = send(engine, "nop");
  await until(() => engine.npending === 1 || first.settled === 1);
  engine.poll();
}
