// Who delivers what is done, as an option: checked here, because a wrong one would be found out by silence. It does
// not know how they deliver.
import { inspect } from "node:util";
import type { PollMode } from "../../engine/options.ts";
import { misuseError } from "../../util/errors.ts";

interface Polling {
  poll?: PollMode;
  wantPoll?: () => void;
  donePoll?: () => void;
}

export function checkPolling({ poll, wantPoll, donePoll }: Polling): void {
  const refuse = (name: string, want: string, got: unknown): never => {
    throw misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));
  };
  if (poll !== undefined && poll !== "auto" && poll !== "manual")
    refuse("poll", '"auto" or "manual"', poll);
  for (const [name, edge] of Object.entries({ wantPoll, donePoll })) {
    if (edge === undefined) continue;
    if (typeof edge !== "function") refuse(name, "a function", edge);
    if (poll !== "manual")
      refuse(name, 'left out unless poll is "manual"', edge);
  }
}
