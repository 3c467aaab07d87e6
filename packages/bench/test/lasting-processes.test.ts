// Processes that run one case after the other: which runs share one, and what becomes of a run whose process ends.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, it, vi } from "vitest";
import { answerJob } from "../src/answer/job.ts";
import type { Order, Subject } from "../src/case.ts";
import { groupsOf } from "../src/job.ts";
import {
  LastingProcesses,
  ROUNDS_OF_PROCESS,
} from "../src/lasting-processes.ts";
import { testFolder } from "../../../test/helpers/files.ts";

const folder = testFolder();
const module = pathToFileURL(path.join(import.meta.dirname, "pid.mjs")).href;
const subjects = ["one", "other"].map((name): Subject => ({
  name,
  kind: "module",
  which: module,
  style: "promises",
}));

afterEach(() => vi.unstubAllEnvs());

function orderOf(subject: Subject): Order {
  const job = { ...answerJob(folder.path), works: ["stat" as const] };
  const [{ draft }] = groupsOf(job) as [ReturnType<typeof groupsOf>[number]];
  const file = folder.join("file");
  fs.writeFileSync(file, "");
  return {
    subject,
    case: {
      ...{ ...draft, runtimeMs: 5, rampMs: 0 },
      ...{ paths: [file], fileBytes: 0, scratch: folder.path },
    },
  };
}

it("each subject has a process of its own, which is another one after so many rounds", async () => {
  const noted = folder.join("pids");
  vi.stubEnv("PID_FILE", noted);
  const processes = new LastingProcesses();
  /** Of each round, those of each subject. */
  const pids: string[][] = [];
  for (let round = 0; round <= ROUNDS_OF_PROCESS; round++) {
    processes.begin(round);
    const ofRound: string[] = [];
    for (const subject of subjects) {
      fs.writeFileSync(noted, "");
      const answer = await processes.carryOut(orderOf(subject));
      expect(answer).toMatchObject({
        result: { ops: expect.any(Number) as number },
      });
      const lines = fs.readFileSync(noted, "utf8").trim().split("\n");
      expect(new Set(lines).size).toBe(1);
      ofRound.push(lines[0]!);
    }
    pids.push(ofRound);
  }
  processes.end();
  const [first] = pids as [string[]];
  expect(new Set(first).size).toBe(subjects.length);
  expect(pids.slice(0, ROUNDS_OF_PROCESS)).toEqual(
    Array.from({ length: ROUNDS_OF_PROCESS }, () => first),
  );
  expect(pids.at(-1)!.filter((pid) => first.includes(pid))).toEqual([]);
});

it("a run whose process ends is a failure that says how, and so is each that follows", async () => {
  vi.stubEnv("PID_ENDS", "1");
  const processes = new LastingProcesses();
  processes.begin(0);
  for (let run = 0; run < 2; run++)
    expect(await processes.carryOut(orderOf(subjects[0]!))).toEqual({
      failure: { message: "the process ended (status 3)" },
    });
  processes.end();
});
