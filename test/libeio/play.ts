// Our side of a comparison as a process of its own: what run.pl reads and writes, read and written by us.
import { text } from "node:stream/consumers";
import { runScenarios } from "./interpreter.ts";
import type { Scenario } from "./scenario.ts";

interface Input {
  scenarios: Scenario[];
  folder: string;
  other: string;
}

const { scenarios, folder, other } = JSON.parse(
  await text(process.stdin),
) as Input;
const outcomes = await runScenarios(scenarios, { base: folder, other });
process.stdout.write(JSON.stringify({ outcomes }));
