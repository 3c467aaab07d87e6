// THE list of ops. Everything else that must know which there are (the worker's executor, the
// promise and callback functions, the C header, docs/ops.md) is derived from this table.
import { oneHop, system, type Op } from "./define.ts";
import { descriptorOps } from "./descriptor-ops.ts";
import { jobOps } from "./job-ops.ts";
import { registersOf, type Kind, type KindTypes, type Param } from "./kinds.ts";
import { pathOps } from "./path-ops.ts";
import { sysOps } from "./sys-ops.ts";

export type { Op };

/** Ops that go the whole way through and back without touching a file of their own. */
const specialOps = {
  nop: system(
    1,
    [],
    "none",
    "nop",
    "Does nothing, but takes the whole path of a request: the latency probe.",
  ),
  busy: system(
    2,
    [["delay", "milliseconds"]],
    "none",
    "busy",
    "Occupies one worker for a while.",
  ),
  custom: oneHop(
    3,
    [["call", "from", "module"]],
    "value",
    "custom",
    "Runs a function of a module in the pool.",
  ),
} as const satisfies Record<string, Op>;

export const ops = {
  ...specialOps,
  ...descriptorOps,
  ...pathOps,
  ...jobOps,
  ...sysOps,
} as const satisfies Record<string, Op>;

export type Ops = typeof ops;
export type OpName = keyof Ops;

type TupleOf<P extends readonly Param[]> = {
  -readonly [I in keyof P]: P[I] extends readonly [
    string,
    infer K extends Kind,
    ...unknown[],
  ]
    ? KindTypes[K]
    : never;
};
/** The operands of an op, in the order of the table. */
export type Operands<N extends OpName> = TupleOf<Ops[N]["params"]>;

export const opNames = Object.keys(ops) as OpName[];

/** By code, for whoever has only a number; holes are undefined. */
export const opByCode: (Op | undefined)[] = [];
export const nameByCode: (OpName | undefined)[] = [];
for (const name of opNames) {
  const { code } = ops[name];
  if (opByCode[code]) throw new Error(`Op code ${code} is used twice`);
  opByCode[code] = ops[name];
  nameByCode[code] = name;
}

export const registers = Object.fromEntries(
  opNames.map((name) => [name, registersOf(ops[name].params)]),
) as Record<OpName, ReturnType<typeof registersOf>>;
