// Engines in manual mode that remember their edges, and requests that remember the order of their being
// told. Nothing in here polls but closeWatched().
import { ops } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";
import {
  ask,
  closeEngines,
  makeEngine,
  prepare,
  turn,
  until,
  type Asked,
  type Engine,
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

  /** Asks for requests that remember their names in the order of being told, and answer something. */
  ask(told: string[], name: string, level = 4, answer?: unknown): Asked {
    const asked = prepare("nop", { level });
    const { settle } = asked.request;
    asked.request.settle = (request) => {
      settle(request);
      told.push(name);
      return typeof answer === "function" ? answer() : answer;
    };
    this.engine.submit(asked.request);
    return asked;
  }

  /** Waits until so many are done, without telling any. */
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

export const endable = (told: string[], name: string, level = 4): Request => {
  const settle = (): void => void told.push(name);
  const request = new Request(ops.nop.code, decodeNone, settle);
  request.level = level;
  return request;
};

/** There is a worker, and it is awake or soon will be. */
export async function ready(engine: Engine): Promise<void> {
  const first = ask(engine, "nop");
  await until(() => engine.npending === 1 || first.settled === 1);
  engine.poll();
}
