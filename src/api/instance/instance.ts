// One instance: an engine with its backend, and what may be changed while it runs. The default
// instance is made on first use; it does not keep the process alive when idle.
import {
  isBackendMaker,
  makesBackend,
  wrapsBackend,
  type BackendMaker,
} from "../../backends/custom-backend.ts";
import { loadNative } from "../../backends/native.ts";
import { listBackends, selectBackend } from "../../backends/select.ts";
import {
  defaultThreadLimits,
  type ThreadLimits,
} from "../../backends/thread-limits.ts";
import type { Engine } from "../../engine/engine.ts";
import { exitWithout } from "./exit.ts";
import { trackHandles as followHandles } from "../observe/handles.ts";
import { Observing } from "../observe/observe.ts";
import { summaryAtExit } from "../observe/summary.ts";
import { EngineHere } from "../permissions/engine.ts";
import { switchFromEnvironment } from "./environment.ts";
import { optionsFrom, optionsFromEnvironment } from "./given-options.ts";
import type { EioOptions } from "./options.ts";

export class Instance {
  readonly engine: Engine;
  readonly observing: Observing;
  #limits: ThreadLimits;

  constructor(options: EioOptions = {}) {
    const read = optionsFrom(options);
    const { backend, engine, faults, readyMax, resourceLimits, slow, tuning } =
      read;
    const limits = read.keepsIdle
      ? read.limits
      : { ...read.limits, maxIdle: idleWorkersKept(backend) };
    this.#limits = limits;
    const pool = { limits, readyMax, resourceLimits };
    const make = isBackendMaker(backend)
      ? backend[makesBackend]()
      : selectBackend(backend, pool, tuning);
    this.engine = new EngineHere(engine, faults?.[wrapsBackend](make) ?? make);
    this.observing = new Observing(this.engine);
    if (slow !== null) this.observing.slow.add(slow);
    this.engine.metrics.observer = this.observing;
    if (read.trackHandles) followHandles(this.engine);
    exitWithout(this.engine);
  }

  get limits(): Readonly<ThreadLimits> {
    return this.#limits;
  }

  setLimits(change: Partial<ThreadLimits>): void {
    this.#limits = { ...this.#limits, ...change };
    this.engine.backend.setLimits?.(this.#limits);
  }

  close(by?: Error): Promise<void> {
    return this.engine.close(by);
  }
}

/** A native thread starts within microseconds; a worker of the portable pool does not, and is kept. */
const idleWorkersKept = (backend: string | BackendMaker): number =>
  backend === "pool" || loadNative().addon === null
    ? defaultThreadLimits.maxIdle
    : 0;

let theDefault: Instance | undefined;

/** NODE_EIO_SUMMARY=1. */
export const wantsSummary = (): boolean =>
  switchFromEnvironment("summary") === true;

export function defaultInstance(): Instance {
  if (theDefault === undefined) {
    theDefault = new Instance(optionsFromEnvironment());
    if (wantsSummary()) summaryAtExit(theDefault.engine);
  }
  return theDefault;
}

/** The default one, if anybody has used it yet. */
export const startedInstance = (): Instance | undefined => theDefault;

export { defaultThreadLimits, listBackends };
