// `node-eio bench`: which of the bench's jobs is asked for. It knows their names, not what they do.
import fs from "node:fs";
import { machineFacts, machineLines } from "./machine.ts";

const HELP = `Usage: node-eio bench machine [FOLDER]

  machine   what this machine is, as figures are told with it: processor, kernel, Node, the disk and the
            file system of FOLDER (the current one untold), and which backends are refused, and why`;

const USAGE_STATUS = 2;

export async function main(args: string[]): Promise<number> {
  const [job, ...rest] = args;
  if (job === "--help" || job === "-h") {
    console.log(HELP);
    return 0;
  }
  if (job === "machine") {
    const folder = rest[0] ?? ".";
    if (!fs.existsSync(folder)) {
      console.error(`node-eio bench: there is no ${folder}`);
      return USAGE_STATUS;
    }
    const machine = machineFacts(folder);
    console.log(machineLines(machine).join("\n"));
    return 0;
  }
  console.error(`node-eio bench: no job "${job ?? ""}"\n\n${HELP}`);
  return USAGE_STATUS;
}
