// How a request of libeio's is declared: its arguments in libeio's order, the op that does it, and what
// its caller is given. From a declaration come the function, its type and its text in the docs.
import type { Register } from "../../ops/kinds.ts";
import { ops, registers, type OpName } from "../../ops/table.ts";
import { Request, type Decode } from "../../request/request.ts";
import { decodeCount, decodeNone } from "../../request/results.ts";
import type { Door, Steps } from "./door.ts";
import { kinds, putWd, type KindName } from "./operands.ts";
import { EioRequest, type End, type Tail } from "./request.ts";

export type Param = readonly [name: string, kind: KindName];

export interface Declaration {
  readonly params: readonly Param[];
  /** One sentence or more, for whoever looks at the function. */
  readonly about: string;
  /** What `value` is, in TypeScript. */
  readonly value: string;
  /** The ops that do it, for the support matrix. */
  readonly ops: readonly OpName[];
  /** It returns a group. */
  readonly group?: boolean;
  /** Of `args` the first are its own; what was given behind them is in the tail. */
  start(door: Door, type: string, args: unknown[], tail: Tail): EioRequest;
}

interface Details {
  about?: string;
  value?: string;
  /** Where the arguments go, where that is not the order of the op's own. */
  order?: readonly Register[];
  decode?: Decode;
  end?: End;
  /** Registers that no argument fills, and what libeio refuses before it calls the system: -errno. */
  complete?(request: Request, req: EioRequest): number;
}

const decoders: Partial<Record<string, Decode>> = {
  none: decodeNone,
  count: decodeCount,
  fd: decodeCount,
};

/** A request that is one op. */
export function plain(
  op: OpName,
  params: readonly Param[],
  details: Details = {},
): Declaration {
  const { code, about, result } = ops[op];
  const { end = null, order = registers[op], complete } = details;
  const decode = details.decode ?? decoders[result] ?? decodeNone;
  return {
    params,
    about: details.about ?? about,
    value: details.value ?? "undefined",
    ops: [op],
    start(door, type, args, tail) {
      const req = new EioRequest(door, type, tail);
      const request = new Request(code, decode, () => 0);
      let errno = fill(request, params, order, args, tail);
      errno ||= complete?.(request, req) ?? 0;
      req.path = request.path ?? undefined;
      door.send(req, request, tail, errno, end);
      return req;
    },
  };
}

/** Checks all arguments; returns the first errno with which the request is to end. */
export function fill(
  request: Request,
  params: readonly Param[],
  order: readonly Register[],
  args: readonly unknown[],
  { options }: Tail,
): number {
  let errno = 0;
  for (let i = 0; i < params.length; i++) {
    const [name, kind] = params[i]!;
    const to = order[i]!;
    const refused = kinds[kind].put(request, to, name, args[i]);
    errno ||= refused;
    if (kind === "path" && options.wd != null && !Array.isArray(args[i]))
      errno ||= putWd(request, to, options.wd);
  }
  return errno;
}

/** A request that its own steps do; `prepare` checks the arguments and returns the steps, or the
 * errno (below 0) that there are none for. */
export function stepped(
  params: readonly Param[],
  does: readonly OpName[],
  about: string,
  value: string,
  prepare: (
    req: EioRequest,
    args: readonly unknown[],
    tail: Tail,
    door: Door,
  ) => Steps | number,
): Declaration {
  return {
    params,
    about,
    value,
    ops: does,
    start(door, type, args, tail) {
      const req = new EioRequest(door, type, tail);
      door.run(req, tail, prepare(req, args, tail, door));
      return req;
    },
  };
}
