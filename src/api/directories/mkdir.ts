// fs.mkdir and fs.mkdtemp as requests. It knows arguments, not what is made on the way there.
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes, decodeNone, decodeText } from "../../request/results.ts";
import { acceptMode, acceptPath } from "../arguments.ts";
import { presentName } from "../files/paths.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import { mayCallNode, type Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";

const MODE = 0o777;

export const mkdir: Prepare = ([path, options], engine) => {
  const taken = acceptPath(path);
  const { recursive = false, mode: given = MODE } = readOptions(options);
  const mode = acceptMode(given, NaN);
  if (taken === null || typeof recursive !== "boolean" || Number.isNaN(mode))
    return null;
  const request = recursive
    ? new Request(ops.mkdirp.code, decodeText, settlePromise)
    : new Request(ops.mkdir.code, decodeNone, settlePromise);
  request.path = taken;
  request.a = mode;
  return applyTerms(request, termsOf(engine(), options));
};

function readOptions(options: unknown): {
  recursive?: unknown;
  mode?: unknown;
} {
  if (typeof options === "number" || typeof options === "string")
    return { mode: options };
  return options || {};
}

const CAPITAL_X = 0x58;

/** Of a prefix that ends in X Node warns, once: that is left to it. */
const endsInX = (prefix: string | Uint8Array): boolean =>
  typeof prefix === "string"
    ? prefix.endsWith("X")
    : prefix.at(-1) === CAPITAL_X;

export const mkdtemp: Prepare = ([prefix, options], engine) => {
  const taken = acceptPath(prefix);
  const wanted = acceptEncoding(options, "utf8");
  if (taken === null || wanted === REFUSED) return null;
  if (endsInX(taken) && mayCallNode([options])) return null;
  const request = new Request(ops.mkdtemp.code, decodeBytes, settlePromise);
  request.path = taken;
  request.context = wanted;
  request.present = presentName;
  return applyTerms(request, termsOf(engine(), options));
};
