// The calls on a path that are one system call and answer nothing or a name: made from the ops
// table. An operand's kind says how an argument is taken; what is not taken goes to Node.
import { ops, registers, type OpName } from "../../ops/table.ts";
import type { Kind } from "../../ops/kinds.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes, decodeNone } from "../../request/results.ts";
import {
  acceptId,
  acceptLength,
  acceptMode,
  acceptPath,
  acceptTime,
  acceptUint32,
} from "../arguments.ts";
import { REFUSED, acceptEncoding, textOrBuffer } from "../encoding.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";

type Accept = (value: unknown) => number;

const LINK_TYPES: unknown[] = [undefined, "dir", "file", "junction"];
/** F_OK to R_OK|W_OK|X_OK, and the three bits of copyFile. */
const acceptThreeBits: Accept = (value) =>
  value === undefined || value === null
    ? 0
    : acceptUint32(value) <= 7
      ? (value as number)
      : NaN;
const acceptLinkType: Accept = (value) => {
  const type = LINK_TYPES.indexOf(value ?? undefined);
  return type === -1 ? NaN : type;
};

const byKind: Partial<Record<Kind, Accept>> = {
  mode: (value) => acceptMode(value, NaN),
  id: acceptId,
  seconds: acceptTime,
  length: acceptLength,
};

/** The calls made here, with the parameters that take other values than their kind says. */
const described = {
  access: { mode: acceptThreeBits },
  chmod: {},
  chown: {},
  lchown: {},
  utimes: {},
  lutimes: {},
  link: {},
  symlink: { type: acceptLinkType },
  rename: {},
  unlink: {},
  copyFile: { mode: acceptThreeBits },
  truncate: {},
} as const satisfies Partial<Record<OpName, Record<string, Accept>>>;

interface Step {
  register: "path" | "path2" | "a" | "b" | "c";
  accept: Accept | undefined;
}

export type PathCall = keyof typeof described;

function describe(
  name: OpName,
  special: Record<string, Accept | undefined>,
): Prepare {
  const { code, params } = ops[name];
  const makeSteps = (): Step[] =>
    params
      .filter(([, kind]) => kind !== "form")
      .map(([param, kind], i) => {
        const register = registers[name][i] as Step["register"];
        return { register, accept: special[param] ?? byKind[kind] };
      });
  let steps: Step[] | undefined;
  return (args, engine) => {
    steps ??= makeSteps();
    const request = new Request(code, decodeNone, settlePromise);
    for (let i = 0; i < steps.length; i++) {
      const { register, accept } = steps[i]!;
      if (register === "path" || register === "path2") {
        const path = acceptPath(args[i]);
        if (path === null) return null;
        request[register] = path;
      } else {
        const value = accept!(args[i]);
        if (Number.isNaN(value)) return null;
        request[register] = value;
      }
    }
    return applyTerms(request, termsOf(engine(), args[steps.length]));
  };
}

export const pathCalls = Object.fromEntries(
  Object.entries(described).map(([name, special]) => [
    name,
    describe(name as OpName, special),
  ]),
) as Record<PathCall, Prepare>;

/** A name in the requested encoding. */
export const presentName = ({ value, context }: Request): unknown =>
  textOrBuffer(value as Buffer, context as "utf8");

export const readlink: Prepare = ([path, options], engine) => {
  const request = new Request(ops.readlink.code, decodeBytes, settlePromise);
  request.present = presentName;
  request.path = acceptPath(path);
  const encoding = acceptEncoding(options, "utf8");
  if (request.path === null || encoding === REFUSED) return null;
  request.context = encoding;
  return applyTerms(request, termsOf(engine(), options));
};
