// Where an op goes on an instance, by the op's name. It does not know why.
import { inspect } from "node:util";
import { explain, type Route } from "../../backends/explain.ts";
import type { Engine } from "../../engine/engine.ts";
import { ops, type OpName } from "../../ops/table.ts";
import { misuseError } from "../../util/errors.ts";
import { wantedOp } from "../op-names.ts";

export type { Route };

export function explainOp(engine: Engine, op: OpName): Route {
  if (!Object.hasOwn(ops, op))
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "op",
      wantedOp(op, []),
      inspect(op),
    );
  return explain(engine.backend, ops[op].code);
}
