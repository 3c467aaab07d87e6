// The runs of a group: subjects in turn, several rounds, each run in a process of its own. It knows in which
// order, and what a failure means for the rest.
import type { Failure, RunResult, Subject } from "./case.ts";
import type { Data } from "./data.ts";
import { groupTitle, type Group } from "./job.ts";
import { runOrder } from "./peers/peers.ts";
import { outcomeOf, type Outcome } from "./rows.ts";
import { environmentError } from "./usage.ts";

/** Called before each run: how many were done, of how many. */
export type Watch = (done: number, of: number, what: string) => void;

/** Groups one after the other; in each round every subject has its turn, and another one is first. */
export async function runGroups(
  groups: Group[],
  rounds: number,
  data: Data,
  watch: Watch,
): Promise<Outcome[]> {
  const total = groups.reduce(
    (sum, { subjects }) => sum + subjects.length * rounds,
    0,
  );
  const outcomes: Outcome[] = [];
  let done = 0;
  for (const group of groups) {
    const title = groupTitle(group);
    watch(done, total, `${title}: making files`);
    const work = await data.caseOf(group);
    const runs = new Map<Subject, RunResult[]>();
    const failures = new Map<Subject, string>();
    for (let round = 0; round < rounds; round++)
      for (const subject of inTurn(group.subjects, round)) {
        watch(
          done++,
          total,
          `${title}: ${subject.name}, round ${round + 1} of ${rounds}`,
        );
        if (failures.has(subject)) continue;
        await data.warm(work);
        const answer = await runOrder({ subject, case: work }, () =>
          data.drop(work),
        );
        if ("failure" in answer)
          failures.set(subject, reasonOf(answer.failure, title));
        else if (answer.result.ops === 0)
          failures.set(
            subject,
            "nothing was done in the time of a run: give a longer --runtime",
          );
        else runs.set(subject, [...(runs.get(subject) ?? []), answer.result]);
      }
    outcomes.push(outcomeOf(group, title, runs, failures));
  }
  return outcomes;
}

/** So that none of them always comes after the same other one. */
function inTurn<T>(all: T[], round: number): T[] {
  const first = all.length === 0 ? 0 : round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** What is no subject's fault ends the bench: the next one would fail, too. */
function reasonOf(failure: Failure, title: string): string {
  const theirs = environmentError(failure, title);
  if (theirs !== null) throw theirs;
  return failure.message;
}
