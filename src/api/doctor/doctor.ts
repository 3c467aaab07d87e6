// `node-eio doctor`: what this machine and this process are to the library, and what to change, on one screen. It reads the line of
// the command; what it prints is made elsewhere.
import { parseArgs } from "node:util";
import { adviceFor } from "./advice.ts";
import { gatherFacts } from "./facts.ts";
import { coloured, plain, reportLines } from "./report.ts";

const USAGE_STATUS = 2;

const HELP = `Usage: node-eio doctor [PATH ...] [options]

Says what Node, kernel, container, native code, backends and limits are here, which file systems the
paths are on (the current folder by default), and what to change. It changes nothing.

  --json     the same for programs
  --help     this`;

export async function main(args: string[]): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === "string") {
    console.error(`node-eio doctor: ${parsed}\n\n${HELP}`);
    return USAGE_STATUS;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const facts = gatherFacts(positionals.length === 0 ? ["."] : positionals);
  const advice = adviceFor(facts);
  if (values.json) console.log(toJson({ ...facts, advice }));
  else {
    const style = wantsColour() ? coloured : plain;
    console.log(reportLines(facts, advice, style).join("\n"));
  }
  return Promise.resolve(0);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { json: { type: "boolean" }, help: { type: "boolean" } },
      allowPositionals: true,
    });
  } catch (error) {
    return (error as Error).message;
  }
}

/** JSON has no Infinity: null is no limit there. */
const toJson = (value: object): string =>
  JSON.stringify(
    value,
    (_key, one: unknown) => (one === Infinity ? null : one),
    2,
  );

const wantsColour = (): boolean =>
  process.stdout.isTTY &&
  process.stdout.hasColors() &&
  !process.env["NO_COLOR"];
