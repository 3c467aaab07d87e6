// Processes that last for several rounds, one for each subject: where there is little time, starting one for each run would take most of
// it, and what was left would measure code that is not compiled yet. It knows neither rounds' order nor what a failure means.
import type { Answer, Order, Subject } from "./case.ts";
import { CaseProcess } from "./child.ts";

export type CarryOut = (order: Order) => Promise<Answer>;

/** How fast one process happens to be is not to decide the answer: after so many rounds there are new ones. */
export const ROUNDS_OF_PROCESS = 4;
/** In the first of them each case is warmed up for longer. */
const FIRST_RAMP_MS = 120;

export class LastingProcesses {
  readonly #processes = new Map<Subject, CaseProcess>();
  #first = true;

  /** Called before each round. */
  begin(round: number): void {
    this.#first = round % ROUNDS_OF_PROCESS === 0;
    if (this.#first) this.end();
  }

  readonly carryOut: CarryOut = ({ subject, case: work }) => {
    let process = this.#processes.get(subject);
    if (process === undefined)
      this.#processes.set(subject, (process = new CaseProcess()));
    const rampMs = this.#first
      ? Math.max(FIRST_RAMP_MS, work.rampMs)
      : work.rampMs;
    return process.run({ subject, case: { ...work, rampMs } });
  };

  end(): void {
    for (const process of this.#processes.values()) process.end();
    this.#processes.clear();
  }
}
