// open: for the caller, who gets a number, or for an object of ours, which holds the descriptor.
// What else is made of it is the form's business.
import { ops } from "../../ops/table.ts";
import { decodeCount } from "../../request/results.ts";
import { Request } from "../../request/request.ts";
import { acceptFlags, acceptMode, acceptPath } from "../arguments.ts";
import { presentBare, presentHeld } from "../descriptors/environment.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";

const MODE = 0o666;

const opening =
  (present: (request: Request) => number): Prepare =>
  ([path, flags, mode, options], engine) => {
    const request = new Request(ops.open.code, decodeCount, settlePromise);
    request.present = present;
    request.path = acceptPath(path);
    request.a = acceptFlags(flags);
    request.b = acceptMode(mode, MODE);
    if (
      request.path === null ||
      Number.isNaN(request.a) ||
      Number.isNaN(request.b)
    )
      return null;
    return applyTerms(request, termsOf(engine(), options));
  };

export const openBare = opening(presentBare);
export const openHeld = opening(presentHeld);
