// What errors of Node's asynchronous functions name beyond what those of its synchronous ones do, which a worker calls. It
// knows releases, and not how a request failed.
import { ops } from "../ops/table.ts";
import type { FaultDetails } from "../request/errors.ts";
import type { Request } from "../request/request.ts";

/** From 26 on readFile opens and reads in one go, and knows of which file a read failed. */
const readNamesFile = Number.parseInt(process.versions.node, 10) >= 26;

export function asReleaseSays(
  { op, path }: Request,
  fault: FaultDetails,
): FaultDetails {
  if (fault.errno === undefined || path === null) return fault;
  if (op === ops.slurp.code && fault.syscall === "read")
    return readNamesFile
      ? { ...fault, path: Buffer.from(path).toString() }
      : fault;
  // The last name that was tried, instead of the template.
  if (op === ops.mkdtemp.code && fault.path !== undefined)
    return { ...fault, path: fault.path.replace(/X{6}$/, anyName) };
  return fault;
}

const LETTERS =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const anyName = (places: string): string =>
  Array.from(
    places,
    () => LETTERS[Math.floor(Math.random() * LETTERS.length)],
  ).join("");
