// THE list of ops, by name and by code. Everything else that must know which there are (the worker's executor, the
// promise and callback functions, the C header, docs/ops.md) is derived from this table.
import { ops, registers } from "./declarations.ts";
import type { Op } from "./define.ts";
import type { Kind, KindTypes, Param } from "./kinds.ts";

export { ops, registers };
export type { Op };

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
