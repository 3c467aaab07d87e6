// What an instance runs with, and what that is where nobody has set an option. How options are read is not known here.
import type { ResourceLimits } from "node:worker_threads";
import type {
  BackendMaker,
  BackendWrapper,
} from "../../backends/custom-backend.ts";
import type { Tuning } from "../../backends/select.ts";
import { READY_MAX } from "../../backends/submissions.ts";
import {
  defaultThreadLimits,
  type ThreadLimits,
} from "../../backends/thread-limits.ts";
import {
  defaultEngineOptions,
  type EngineOptions,
} from "../../engine/options.ts";
import type { SlowWatch } from "../observe/slow.ts";

export interface ReadOptions {
  backend: string | BackendMaker;
  engine: EngineOptions;
  limits: ThreadLimits;
  /** Somebody has said how many idle workers are kept. */
  keepsIdle: boolean;
  readyMax: number;
  resourceLimits: ResourceLimits | undefined;
  tuning: Tuning;
  faults: BackendWrapper | null;
  slow: SlowWatch | null;
  trackHandles: boolean;
}

export const NO_LANES = { lanes: null, mounts: null, apartMax: 0 };

export function defaultOptions(): ReadOptions {
  const limits = { ...defaultThreadLimits };
  const sizes = { ...defaultEngineOptions.sizes };
  sizes.workersMax = Math.max(sizes.workersMax, limits.maxParallel);
  return {
    backend: process.env["NODE_EIO_BACKEND"] || "auto",
    engine: { ...defaultEngineOptions, sizes },
    limits,
    keepsIdle: false,
    readyMax: READY_MAX,
    resourceLimits: undefined,
    tuning: {},
    faults: null,
    slow: null,
    trackHandles: false,
  };
}
