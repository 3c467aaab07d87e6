// One call of the bench from plan to report: files, rounds, verdicts, what is printed and what is written.
// It knows the order of these, and how the files are removed.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { killChildren } from "./child.ts";
import { Data } from "./data.ts";
import { cleanUpOnSignals } from "./cleanup.ts";
import { groupsOf, type Group } from "./job.ts";
import { machineFacts, machineLines } from "./machine.ts";
import type { Plan } from "./options.ts";
import { csvOf } from "./output/csv.ts";
import { tableOf } from "./output/table.ts";
import { profileOf } from "./profile.ts";
import type { Outcome } from "./rows.ts";
import { answerOf, type Answer } from "./answer/answer.ts";
import { ANSWER_MS, MEASURED } from "./answer/job.ts";
import { startProgress } from "./progress.ts";
import type { Report } from "./report.ts";
import { ROUNDS_OF_PROCESS } from "./lasting-processes.ts";
import { runGroups, runGroupsUntil, type Watch } from "./rounds.ts";
import { trialGroups } from "./tuning.ts";
import { Status, UsageError } from "./usage.ts";
import { caveats, verdictOf } from "./verdict.ts";

const STDOUT = "-";

export async function runPlan(plan: Plan, command: string): Promise<number> {
  const { json, csv, html, profile } = plan;
  const files = [json, csv, html, profile].filter((file) => file !== null);
  files.filter((file) => file !== STDOUT).forEach(checkWritable);
  if (
    html === STDOUT ||
    profile === STDOUT ||
    (json === STDOUT && csv === STDOUT)
  )
    throw new UsageError(
      "only one of --json and --csv can go to standard output",
    );
  const report = await measure(plan, command);
  // Whoever reads results from standard output wants nothing else there.
  const toStdout = json === STDOUT || csv === STDOUT;
  if (!toStdout)
    console.log(
      report.answer === null
        ? textOf(report)
        : answerText(report, report.answer, plan.verbose),
    );
  await write(json, () => `${JSON.stringify(report, null, 1)}\n`);
  await write(csv, () => csvOf(report.outcomes));
  await write(html, async () =>
    (await import("./output/html.ts")).htmlOf(report),
  );
  await write(profile, () => `${JSON.stringify(report.profile, null, 2)}\n`);
  const failed = report.outcomes.some(({ failed }) => failed.length !== 0);
  return failed ? Status.failed : Status.ok;
}

async function measure(plan: Plan, command: string): Promise<Report> {
  const { jobs, dropAll, notes, quiet } = plan;
  const data = new Data(dropAll);
  const progress = startProgress(quiet);
  const undo = (): void => {
    progress.stop();
    killChildren();
    data.remove();
  };
  const signalsAsUsual = cleanUpOnSignals(undo);
  try {
    const [first] = jobs as [Plan["jobs"][number]];
    const machine = machineFacts(where(first));
    const groups = jobs.flatMap(groupsOf);
    const there = (backend: string): boolean =>
      jobs.some(({ subjects }) =>
        subjects.some(({ kind, which }) => kind === "eio" && which === backend),
      );
    const trials = plan.profile === null ? [] : trialGroups(first, there);
    const { rounds, all } = await runs(
      [...groups, ...trials],
      plan,
      data,
      progress.watch,
    );
    const outcomes = all.slice(0, groups.length);
    const tried = all.slice(groups.length);
    return {
      tool: "node-eio bench",
      format: 1,
      command,
      machine,
      rounds,
      outcomes,
      verdicts: outcomes.map(verdictOf),
      answer: plan.answer ? answerOf(outcomes) : null,
      notes: [...notes, ...caveats(outcomes, machine.load, machine.processors)],
      profile:
        plan.profile === null ? null : profileOf(machine, outcomes, tried),
    };
  } finally {
    signalsAsUsual();
    undo();
  }
}

async function runs(
  groups: Group[],
  plan: Plan,
  data: Data,
  watch: Watch,
): Promise<{ rounds: number; all: Outcome[] }> {
  if (!plan.answer) {
    const all = await runGroups(groups, plan.rounds, data, watch);
    return { rounds: plan.rounds, all };
  }
  const { rounds, outcomes } = await runGroupsUntil(
    groups,
    ANSWER_MS,
    data,
    watch,
  );
  return { rounds, all: outcomes };
}

function where({ file, dir }: Plan["jobs"][number]): string {
  return file !== null && fs.existsSync(file) ? file : (dir ?? os.tmpdir());
}

/** Found out before minutes of measuring, not after. */
function checkWritable(file: string): void {
  try {
    if (fs.existsSync(file)) fs.accessSync(file, fs.constants.W_OK);
    else fs.accessSync(path.dirname(path.resolve(file)), fs.constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `${file} cannot be written (${(error as Error).message})`,
    );
  }
  if (fs.existsSync(file) && fs.statSync(file).isDirectory())
    throw new UsageError(`${file} is a folder, and no file to write to`);
}

async function write(
  file: string | null,
  make: () => string | Promise<string>,
): Promise<void> {
  if (file === null) return;
  const text = await make();
  if (file === STDOUT) process.stdout.write(text);
  else fs.writeFileSync(file, text);
}

export function textOf(report: Report): string {
  const { machine, rounds, outcomes, verdicts, notes, profile, answer } =
    report;
  const runs =
    outcomes[0] === undefined
      ? ""
      : runText(
          outcomes[0].draft,
          rounds,
          answer === null ? 1 : ROUNDS_OF_PROCESS,
        );
  return [
    ...machineLines(machine),
    runs,
    "",
    ...outcomes.flatMap((outcome, i) => [
      tableOf(outcome),
      ...verdicts[i]!.says.map((sentence) => `  ${sentence}`),
      "",
    ]),
    ...notes.map((note) => `Note: ${note}`),
    ...(profile === null
      ? []
      : [`Profile: ${JSON.stringify({ ...profile, about: undefined })}`]),
  ].join("\n");
}

/** The answer, and what it rests on; tables for whoever wants them. */
export function answerText(
  report: Report,
  { says }: Answer,
  verbose: boolean,
): string {
  const { machine, notes } = report;
  const { node, version, system, processors, cpu } = machine;
  return [
    ...says,
    ...notes.map((note) => `Note: ${note}`),
    "",
    ...(verbose
      ? [textOf({ ...report, notes: [] })]
      : [
          `Measured on node-eio ${version}, Node ${node}, ${system}, ${processors} x ${cpu}: ${MEASURED}.`,
          "More: --verbose shows tables, --html FILE a page with charts, and --help what else can be measured.",
          "Your own program, with what its file calls wait for: npx node-eio bench --app server.js",
        ]),
  ].join("\n");
}

function runText(
  { runtimeMs, once }: Report["outcomes"][number]["draft"],
  rounds: number,
  inProcess: number,
): string {
  const long = once ? "one pass over the data" : `${runtimeMs / 1000} s`;
  const process =
    inProcess === 1
      ? "each in a process of its own"
      : `in a new process after every ${inProcess}`;
  return `medians of ${rounds} ${rounds === 1 ? "run" : "runs"} of ${long} each, in turn, ${process}`;
}
