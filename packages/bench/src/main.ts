// `node-eio bench`: which of the bench's jobs to run, and how failures are reported. It knows their
// names, not what they do.
import fs from "node:fs";
import { HELP } from "./help.ts";
import { machineFacts, machineLines } from "./machine.ts";
import { parse, planOf } from "./options.ts";
import { runPlan } from "./run.ts";
import { EnvironmentError, Status, UsageError } from "./usage.ts";

export async function main(args: string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EnvironmentError))
      throw error;
    console.error(`node-eio bench: ${error.message}`);
    if (error instanceof UsageError)
      console.error("node-eio bench --help lists the options.");
    return error.status;
  }
}

async function run(args: string[]): Promise<number> {
  if (args[0] === "machine") return tellMachine(args[1] ?? ".");
  if (args[0] === "interference")
    return (await import("./interference/main.ts")).interference(args.slice(1));
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.some((arg) => arg === "--app" || arg.startsWith("--app=")))
    return (await import("./app/main.ts")).benchApp(args);
  const parsed = parse(args);
  if (parsed.values.help) {
    console.log(HELP);
    return Status.ok;
  }
  return runPlan(planOf(parsed), `node-eio bench ${args.join(" ")}`.trim());
}

function tellMachine(folder: string): number {
  if (!fs.existsSync(folder)) throw new UsageError(`there is no ${folder}`);
  console.log(machineLines(machineFacts(folder)).join("\n"));
  return Status.ok;
}
