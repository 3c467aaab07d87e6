// Bun as a subject: it runs the same case file with its own node:fs. It has no channel to us, so its answer
// is the last line that it prints.
import type { Answer, Order } from "../case.ts";
import { caseFile, runProgram } from "../child.ts";

export async function runBun(order: Order): Promise<Answer> {
  const { status, stdout, stderr } = await runProgram("bun", [
    caseFile,
    JSON.stringify(order),
  ]);
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (status === 0 && last.startsWith("{")) return JSON.parse(last) as Answer;
  return {
    failure: {
      message: `bun failed: ${stderr.trim().split("\n").at(-1) || `status ${status}`}`,
    },
  };
}
