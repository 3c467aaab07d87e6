// stat, lstat, statfs: one system call each, and the answer as Node's own classes. How those classes are made is
// stats.ts's business.
import { ops } from "../../ops/table.ts";
import { Request, type Decode } from "../../request/request.ts";
import { acceptPath, isObject } from "../arguments.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise, UNDEFINED_IF_ABSENT } from "../submit.ts";
import { decodeStatfs, decodeStats } from "./stats.ts";
import { applyTerms, termsOf } from "../terms.ts";

/** fs.stat has `throwIfNoEntry` from Node 24 on; its relatives lack it. */
const mayLackEntry = Number.parseInt(process.versions.node, 10) >= 24;

const prepareStat =
  (code: number, decode: Decode, mayLack = false): Prepare =>
  ([path, options], engine) => {
    const request = new Request(code, decode, settlePromise);
    request.path = acceptPath(path);
    if (request.path === null) return null;
    if (options !== undefined) {
      if (!isObject(options)) return null;
      if ((options as { bigint?: unknown }).bigint === true) request.a = 1;
      const { throwIfNoEntry } = options as { throwIfNoEntry?: unknown };
      if (mayLack && throwIfNoEntry === false)
        request.context = UNDEFINED_IF_ABSENT;
    }
    return applyTerms(request, termsOf(engine(), options));
  };

export const statCalls = {
  stat: prepareStat(ops.stat.code, decodeStats, mayLackEntry),
  lstat: prepareStat(ops.lstat.code, decodeStats),
  statfs: prepareStat(ops.statfs.code, decodeStatfs),
};
