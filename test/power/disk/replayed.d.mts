// See replayed.mjs.
import type { Workload } from "../workloads.mjs";
import type { LoggingDisk } from "./logging-disk.mjs";

export interface Replayed {
  workload: string;
  calls: number;
  prefixes: number;
  states: number;
  different: number;
  byRules: Record<string, { states: number; lost: number; kinds: string[] }>;
}
export function replayed(
  workload: Workload,
  tools: object,
  options: {
    disk: LoggingDisk;
    seeds: number;
    profiles: readonly string[];
    backend?: string;
  },
): Promise<Replayed>;
