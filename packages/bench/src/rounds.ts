// The runs of groups: subjects in turn, several rounds, in processes of their own. It knows in which order, until when, and what a
// failure means for the rest.
import type { Case, Failure, RunResult, Subject } from "./case.ts";
import type { Data } from "./data.ts";
import { groupTitle, type Group } from "./job.ts";
import { LastingProcesses, type CarryOut } from "./lasting-processes.ts";
import { runOrder } from "./peers/peers.ts";
import { outcomeOf, type Outcome } from "./rows.ts";
import { ROUNDS_MIN } from "./statistics.ts";
import { inTurn } from "./turns.ts";
import { environmentError } from "./usage.ts";

/** Called before each run: how many were done, of how many. */
export type Watch = (done: number, of: number, what: string) => void;

/** What the runs of one group have found so far. */
class GroupRuns {
  readonly title: string;
  readonly #group: Group;
  readonly #work: Case;
  readonly #data: Data;
  readonly #runs = new Map<Subject, RunResult[]>();
  readonly #failures = new Map<Subject, string>();

  private constructor(group: Group, work: Case, data: Data) {
    this.title = groupTitle(group);
    this.#group = group;
    this.#work = work;
    this.#data = data;
  }

  static async prepare(group: Group, data: Data): Promise<GroupRuns> {
    return new GroupRuns(group, await data.caseOf(group), data);
  }

  /** Each subject once, another one first in each round. */
  async round(
    round: number,
    watch: (subject: Subject) => void,
    carryOut: CarryOut = this.#carryOut,
  ): Promise<void> {
    for (const subject of inTurn(this.#group.subjects, round)) {
      watch(subject);
      if (!this.#failures.has(subject)) await this.#run(subject, carryOut);
    }
  }

  /** In a process for this run alone. */
  readonly #carryOut: CarryOut = (order) =>
    runOrder(order, () => this.#data.drop(this.#work));

  async #run(subject: Subject, carryOut: CarryOut): Promise<void> {
    await this.#data.warm(this.#work);
    const answer = await carryOut({ subject, case: this.#work });
    if ("failure" in answer)
      this.#failures.set(subject, reasonOf(answer.failure, this.title));
    else if (answer.result.ops === 0)
      this.#failures.set(
        subject,
        "nothing was done in the time of a run: give a longer --runtime",
      );
    else
      this.#runs.set(subject, [
        ...(this.#runs.get(subject) ?? []),
        answer.result,
      ]);
  }

  get outcome(): Outcome {
    return outcomeOf(this.#group, this.title, this.#runs, this.#failures);
  }
}

const runsIn = (groups: Group[]): number =>
  groups.reduce((sum, { subjects }) => sum + subjects.length, 0);

/** Groups one after the other, each with all its rounds. */
export async function runGroups(
  groups: Group[],
  rounds: number,
  data: Data,
  watch: Watch,
): Promise<Outcome[]> {
  const total = runsIn(groups) * rounds;
  const outcomes: Outcome[] = [];
  let done = 0;
  for (const group of groups) {
    watch(done, total, `${groupTitle(group)}: making files`);
    const runs = await GroupRuns.prepare(group, data);
    for (let round = 0; round < rounds; round++)
      await runs.round(round, ({ name }) =>
        watch(
          done++,
          total,
          `${runs.title}: ${name}, round ${round + 1} of ${rounds}`,
        ),
      );
    outcomes.push(runs.outcome);
  }
  return outcomes;
}

/** All groups in each round, and as many rounds as there is time for; no fewer than say anything. For subjects of this Node, and nothing cold. */
export async function runGroupsUntil(
  groups: Group[],
  endMs: number,
  data: Data,
  watch: Watch,
): Promise<{ outcomes: Outcome[]; rounds: number }> {
  const each = runsIn(groups);
  watch(0, each * ROUNDS_MIN, "making files");
  const all: GroupRuns[] = [];
  for (const group of groups) all.push(await GroupRuns.prepare(group, data));
  const processes = new LastingProcesses();
  const beganMs = performance.now();
  let rounds = 0;
  let done = 0;
  for (; ; rounds++) {
    const nowMs = performance.now();
    const roundMs = rounds === 0 ? 0 : (nowMs - beganMs) / rounds;
    const left =
      rounds === 0 ? ROUNDS_MIN : Math.floor((endMs - nowMs) / roundMs);
    if (rounds >= ROUNDS_MIN && left < 1) break;
    const total = each * Math.max(ROUNDS_MIN, rounds + left);
    processes.begin(rounds);
    for (const runs of all)
      await runs.round(
        rounds,
        ({ name }) => watch(done++, total, `${runs.title}: ${name}`),
        processes.carryOut,
      );
  }
  processes.end();
  return { outcomes: all.map(({ outcome }) => outcome), rounds };
}

/** What is no subject's fault ends the bench: the next one would fail, too. */
function reasonOf(failure: Failure, title: string): string {
  const theirs = environmentError(failure, title);
  if (theirs !== null) throw theirs;
  return failure.message;
}
