// stat, lstat, statfs: one system call each, and the answer as Node's own classes.
import { ops } from "../../ops/table.ts";
import { Request, type Decode } from "../../request/request.ts";
import { acceptPath } from "../accept.ts";
import type { Prepare } from "../forms.ts";
import { settlePromise } from "../run.ts";
import { decodeStatfs, decodeStats } from "../stats.ts";
import { applyTerms, termsOf } from "../terms.ts";

const prepareStat =
  (code: number, decode: Decode): Prepare =>
  ([path, options], engine) => {
    const request = new Request(code, decode, settlePromise);
    request.path = acceptPath(path);
    if (request.path === null) return null;
    if (options !== undefined && options !== null) {
      if (typeof options !== "object") return null;
      if ((options as { bigint?: unknown }).bigint) request.a = 1;
    }
    return applyTerms(request, termsOf(engine(), options));
  };

export const statCalls = {
  stat: prepareStat(ops.stat.code, decodeStats),
  lstat: prepareStat(ops.lstat.code, decodeStats),
  statfs: prepareStat(ops.statfs.code, decodeStatfs),
};
