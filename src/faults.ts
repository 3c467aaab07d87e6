// The door for tests: plans of faults for createEio({ faults }). It exports, and has nothing of its own.
export { FaultPlan, plan } from "./api/faults/plan.ts";
export type {
  HeldFilter,
  HeldRequest,
  PlanOptions,
  TraceEntry,
} from "./api/faults/plan.ts";
export type { PlanClock } from "./api/faults/clock.ts";
export type { PathPattern } from "./api/faults/pattern.ts";
export { SimulatedDisk, simulatedDisk } from "./api/faults/simulated-disk.ts";
export type { CrashAt, DiskOptions } from "./api/faults/simulated-disk.ts";
export { families } from "./api/faults/rules.ts";
export type { Fault, FaultRule, OpFamily } from "./api/faults/rules.ts";
