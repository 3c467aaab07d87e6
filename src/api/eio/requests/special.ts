// Requests without a file: the latency probe, one that ties up a worker, and any function of a module. It knows
// operands and results, not how a request is submitted.
import { ops } from "../../../ops/table.ts";
import { errnoOf } from "../../../request/errors.ts";
import { Request } from "../../../request/request.ts";
import { decodeNone } from "../../../request/results.ts";
import { invalidArgType } from "../../argument-errors.ts";
import { prepareCustom, thrownBy, type CustomCall } from "../../custom.ts";
import { plain, type Declaration } from "../declare.ts";
import { EioRequest, numberOf, type End } from "../request.ts";

const MS_PER_S = 1000;

/** What a custom request runs: an export of a module, in a worker. */
export type EioExecute =
  | string
  | URL
  | {
      module: string | URL;
      /** The default export, where none is named. */
      name?: string | undefined;
      args?: readonly unknown[] | undefined;
    };

function callOf(execute: unknown): CustomCall {
  if (typeof execute === "string" || execute instanceof URL)
    return prepareCustom(execute, "default", []);
  const given = execute as { module?: unknown; name?: unknown; args?: unknown };
  const { module, name = "default", args = [] } = given ?? {};
  if (typeof module !== "string" && !(module instanceof URL))
    throw invalidArgType(
      "execute",
      "a module, or { module, name, args }",
      execute,
    );
  if (typeof name !== "string")
    throw invalidArgType("execute.name", "of type string", name);
  if (!Array.isArray(args))
    throw invalidArgType("execute.args", "an instance of Array", args);
  return prepareCustom(module, name, args);
}

const custom: Declaration = {
  params: [["execute", "execute"]],
  about:
    "Runs a function of a module in the pool: `value` is what it gave, and so is the result where that is an integer. One that throws ends with EIO (or its own errno) and an `error`.",
  value: "unknown",
  ops: ["custom"],
  start(door, type, [execute], tail) {
    const call = callOf(execute);
    const req = new EioRequest(door, type, tail);
    const request = new Request(ops.custom.code, decodeNone, () => 0);
    request.data = call.bytes;
    door.send(req, request, tail, 0, took, (req, request) => {
      const thrown = thrownBy(request, call);
      if (thrown === undefined) return;
      req.errorno = numberOf(errnoOfThrown(thrown));
      req.makeError = () => thrown as Error;
    });
    return req;
  },
};

const took: End = (req, { value }) => {
  req.value = value;
  if (Number.isSafeInteger(value)) req.result = value as number;
};

function errnoOfThrown(thrown: unknown): number {
  const { errno } = (thrown ?? {}) as NodeJS.ErrnoException;
  return typeof errno === "number" && errno < 0 ? errno : errnoOf("EIO");
}

export const specialRequests = {
  nop: plain("nop", []),
  busy: plain("busy", [["delay", "seconds"]], {
    about: "Ties up one worker for so many seconds.",
    complete(request) {
      request.a = Math.max(0, request.a * MS_PER_S);
      return 0;
    },
  }),
  custom,
};
