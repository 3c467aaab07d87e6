// Who is measured by bench:wide, and a run of a row on each: runtimes that npm has, this library on every Node of them,
// and the C program, compiled here. What the figures say of each other is not known here.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { obtainRuntime } from "../support/runtimes.mjs";

const here = import.meta.dirname;
const workload = path.join(here, "workload.mjs");
const source = path.join(here, "../limit.c");
const program = path.join(here, "../../node_modules/.cache/bench-limit");
/** Beyond what a run should last: for a process that hangs. */
const GRACE_MS = 120_000;

/**
 * @typedef {object} Subject
 * @property {string} name as in WideRow.subjects of placing.ts
 * @property {(row: object, folder: string, seconds: number) => object} measure figures; throws with a reason
 */

/** @returns {{subjects: Subject[], runtimes: Record<string, string>, newest: string, leftOut: {name: string, reason: string}[]}} */
export function findSubjects(peers) {
  const subjects = [];
  const runtimes = {};
  const leftOut = [];
  for (const name of peers) {
    const { file, reason } =
      name === "limit" ? compileLimit() : obtainRuntime(name);
    if (file === undefined) {
      leftOut.push({ name, reason });
      continue;
    }
    if (name === "limit") {
      subjects.push({ name, measure: measureLimit });
      continue;
    }
    runtimes[name] = run(file, ["--version"]).trim().replace(/^v/, "");
    const on = (subject) => (row, folder, seconds) =>
      measureOn(file, { subject, ...row, folder, seconds });
    if (name !== "bun")
      subjects.push({ name: `eio@${name}`, measure: on("eio") });
    subjects.push({ name, measure: on("own") });
  }
  const major = (name) => Number(name.replace("node", ""));
  const nodes = Object.keys(runtimes).filter((name) => name !== "bun");
  const [newest] = nodes.sort((a, b) => major(b) - major(a));
  return { subjects, runtimes, newest, leftOut };
}

function compileLimit() {
  fs.mkdirSync(path.dirname(program), { recursive: true });
  const { status, error, stderr } = spawnSync(
    "cc",
    ["-O2", "-pthread", source, "-lm", "-o", program],
    { encoding: "utf8" },
  );
  if (status === 0) return { file: program };
  if (error) return { reason: `there is no C compiler (${error.message})` };
  return { reason: `cc could not compile it: ${stderr.trim().split("\n")[0]}` };
}

function measureOn(runtime, order) {
  const text = run(
    runtime,
    [workload, JSON.stringify(order)],
    order.seconds * 1000 + GRACE_MS,
  );
  return JSON.parse(text.trim().split("\n").at(-1));
}

function measureLimit({ work, bytes, files }, folder, seconds) {
  const args = [work, bytes, files, folder, seconds].map(String);
  return JSON.parse(run(program, args, seconds * 1000 + GRACE_MS));
}

/** Offset into a page, microseconds to write and to read 1 MiB there; null where there is no compiler. */
export function measureAlignment(subjects, folder) {
  if (!subjects.some(({ name }) => name === "limit")) return null;
  return JSON.parse(run(program, ["align", path.join(folder, "align")]));
}

function run(file, args, timeout = GRACE_MS) {
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    encoding: "utf8",
    timeout,
  });
  if (status === 0) return stdout;
  const lines = stderr?.trim().split("\n") ?? [];
  const line = lines.findLast((text) => /error|limit:/i.test(text));
  throw new Error(
    error?.message ?? line ?? `status ${status}, signal ${signal}`,
  );
}
