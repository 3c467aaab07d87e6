// Names of ops as callers give them: what is said of one that there is not. What is done with an op is not known here.
import { opNames, type OpName } from "../ops/table.ts";
import { nearestName } from "../util/nearest-name.ts";

/** Functions of node:fs whose op is called otherwise. */
const calledOtherwise: Record<string, OpName> = {
  readFile: "slurp",
  writeFile: "spew",
  appendFile: "spew",
  writeFileAtomic: "spewAtomic",
  readdir: "scandir",
  rm: "rmtree",
  cp: "cptree",
};

/** What an op must be, with the one that is likely to be meant; `others` are names that are right there, too. */
export function wantedOp(given: unknown, others: readonly string[]): string {
  const meant = typeof given === "string" ? opMeant(given, others) : undefined;
  if (meant !== undefined)
    return `the name of an op (did you mean "${meant}"?)`;
  const rest = others.length === 0 ? "" : `, or one of ${others.join(", ")}`;
  return `the name of an op${rest}`;
}

const opMeant = (
  given: string,
  others: readonly string[],
): string | undefined =>
  Object.hasOwn(calledOtherwise, given)
    ? calledOtherwise[given]
    : nearestName(given, [...opNames, ...others]);
