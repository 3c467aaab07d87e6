// Every scenario through the real libeio (or, where it is not installed, what was recorded of it) and through
// our own door: the outcomes are the same, but for the differences that are listed with a reason.
import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../helpers/bundle.mjs";
import {
  allDivergences,
  fieldsOf,
  subjectOf,
  report,
  type Divergence,
} from "./compare.ts";
import { differences, type Difference } from "./differences.ts";
import type { Dependence, Outcomes, Recording, Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import {
  readRecording,
  runOurs,
  runPerl,
  thisMachine,
  whyNoPerl,
  whyNotOurs,
} from "./sides.ts";

const absent = whyNoPerl();
const recorded = absent === null ? null : readRecording();
if (absent !== null)
  console.log(
    `libeio: compared with what was recorded on ${recorded!.kernel}: ${absent}`,
  );

/** Why a recorded outcome does not apply to this machine. */
function whyNotRecorded({ dependsOn = [] }: Scenario): string | null {
  if (recorded === null) return null;
  const here = thisMachine();
  const same: Record<Dependence, boolean> = {
    "file system": here.fileSystem === recorded.fileSystem,
    kernel: here.kernel === recorded.kernel,
    root: here.user === recorded.user,
    limits: here.user === recorded.user && here.kernel === recorded.kernel,
  };
  const other = dependsOn.find((what) => !same[what]);
  return other === undefined
    ? null
    : `recorded with another ${other}, and there is no libeio here`;
}

let theirs: Recording;
let ours: Outcomes;
let program: string;

beforeAll(async () => {
  if (why !== null) return;
  program = bundle("test/libeio/play.ts");
  [theirs, ours] = await Promise.all([
    recorded ?? runPerl(scenarios),
    runOurs(program, scenarios),
  ]);
});

/** On a busy machine a worker may be done before a step that is to come first, in the real libeio as in ours. */
const PLAYED_AGAIN = 2;
async function playAgain(scenario: Scenario): Promise<void> {
  const [again, own] = await Promise.all([
    runPerl([scenario]),
    runOurs(program, [scenario]),
  ]);
  theirs.outcomes[scenario.name] = again.outcomes[scenario.name]!;
  ours[scenario.name] = own[scenario.name]!;
}

/** Whether that divergence is the one that is listed. */
const isListed = (found: Divergence, listed: Difference): boolean =>
  subjectOf((found.theirs ?? found.ours)!) === listed.entry &&
  isDeepStrictEqual(fieldsOf(found), {
    theirs: listed.theirs,
    ours: listed.ours,
  });

const compared = ({ name }: Scenario): Divergence[] =>
  allDivergences(theirs.outcomes[name], ours[name]);

const why = whyNotOurs();
if (why !== null) console.log(`libeio: left out: ${why}`);

describe.skipIf(why !== null)("libeio and ours", () => {
  it("are compared in at least 150 scenarios, each with a name of its own", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(150);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(
      scenarios.length,
    );
  });

  for (const scenario of scenarios) {
    const { name } = scenario;
    const why = whyNotRecorded(scenario);
    const listed = differences.filter(({ scenario }) => scenario === name);
    const judge = (): { unlisted: string; gone: Difference[] } => {
      const found = compared(scenario);
      const unlisted = found
        .filter(
          (divergence) => !listed.some((one) => isListed(divergence, one)),
        )
        .map(report)
        .join("\n");
      const gone = listed.filter(
        (one) => !found.some((divergence) => isListed(divergence, one)),
      );
      return { unlisted, gone };
    };
    const title = why === null ? name : `${name} (${why})`;
    it.skipIf(why !== null)(title, async () => {
      let verdict = judge();
      const differs = (): boolean =>
        verdict.unlisted !== "" || verdict.gone.length !== 0;
      for (let i = 0; i < PLAYED_AGAIN && recorded === null && differs(); i++) {
        await playAgain(scenario);
        verdict = judge();
      }
      const { unlisted, gone } = verdict;
      expect(unlisted).toBe("");
      expect(gone, "listed differences that do not occur").toEqual([]);
    });
  }

  it("callbacks of cancelled requests are called by ours, and not by IO::AIO", () => {
    const cancelled = Object.values(ours)
      .flat()
      .filter((entry) => entry.cancelled === true);
    expect(cancelled.length).toBeGreaterThan(0);
  });

  it("each listed difference names a scenario that exists", () => {
    const names = new Set(scenarios.map(({ name }) => name));
    expect(differences.filter(({ scenario }) => !names.has(scenario))).toEqual(
      [],
    );
  });
});
