// All ops as they are declared, and the registers of their operands. It is data: the build evaluates this file, and puts what
// comes out into the package in its place (scripts/support/evaluated.mjs).
import { oneHop, system, type Op } from "./define.ts";
import { descriptorOps } from "./descriptor-ops.ts";
import { jobOps } from "./job-ops.ts";
import { registersOf, type Register } from "./kinds.ts";
import { pathOps } from "./path-ops.ts";
import { sysOps } from "./sys-ops.ts";

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

export const registers = Object.fromEntries(
  Object.entries(ops).map(([name, { params }]) => [name, registersOf(params)]),
) as Record<keyof typeof ops, Register[]>;
