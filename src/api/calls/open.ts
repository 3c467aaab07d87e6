// open: answers a descriptor; what is made of it (a FileHandle, a number) is the form's business.
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeCount } from "../../request/results.ts";
import { acceptFlags, acceptMode, acceptPath } from "../accept.ts";
import type { Prepare } from "../forms.ts";
import { settlePromise } from "../run.ts";
import { applyTerms, termsOf } from "../terms.ts";

const MODE = 0o666;

export const open: Prepare = ([path, flags, mode, options], engine) => {
  const request = new Request(ops.open.code, decodeCount, settlePromise);
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
