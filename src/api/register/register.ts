// register(): from now on the process's own node:fs and node:fs/promises are the shared instance's,
// for whoever imports or requires them, also before. Synchronous functions stay Node's.
import nodeFs from "node:fs";
import nodePromises from "node:fs/promises";
import { eio } from "../create.ts";
import {
  optionsFrom,
  optionsFromEnvironment,
} from "../instance/given-options.ts";
import { wantsSummary } from "../instance/instance.ts";
import { summaryAtExit } from "../observe/summary.ts";
import { standIn } from "./overridden.ts";
import { listsWithOurs } from "./active-requests.ts";
import { patch } from "./patch.ts";
import { leaveVirtual } from "./virtual.ts";

let undo: (() => void) | undefined;

/** Throws on a wrong NODE_EIO_* variable now, rather than at the application's first call. */
export function register(): void {
  if (undo !== undefined) return;
  const given = optionsFromEnvironment();
  // The defaults are right, and need not be looked at by processes that may never call us.
  if (Object.keys(given).length !== 0) optionsFrom(given);
  if (wantsSummary()) summaryAtExit(null);
  const functions = leaveVirtual(eio.fs, nodeFs);
  undo = patch([
    [functions, nodeFs],
    [leaveVirtual(eio.promises, nodePromises), nodePromises],
    [listsWithOurs(process), process],
  ]);
  standIn(functions);
}

/** Gives Node's functions back; handles and streams that are open stay ours until they close. */
export function unregister(): void {
  undo?.();
  standIn(null);
  undo = undefined;
}

/** Whether Node's functions are ours now. */
export const isRegistered = (): boolean => undo !== undefined;
