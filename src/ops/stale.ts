// What is done a second time when the file system says ESTALE: another machine has removed or replaced what a path led to, between
// the look at the name and the work on the file. The path then leads elsewhere, or nowhere. Which ops these are says the
// table; it does not know who does it again.
import { constants } from "node:fs";
import { opByCode, type Op } from "./table.ts";

export const ESTALE = -116;

/** They have flags of an open, which lie in register a. */
const opens = ({ params }: Op): boolean =>
  params.some(([, , access]) => access === "flags");

/**
 * Whether a request can be done again, and lead to the same as if it had come a little later. Whoever creates a file
 * exclusively cannot know whether it was there already (O_EXCL); whoever works on an open file, changes names or writes gets the error.
 */
export function isRepeatable(code: number, a: number): boolean {
  const op = opByCode[code];
  if (op?.repeats !== true) return false;
  return (a & constants.O_EXCL) === 0 || !opens(op);
}
