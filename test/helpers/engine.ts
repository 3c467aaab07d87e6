// Engines for tests, and requests that remember what became of them. The engine is the real one, on
// the real pool by default; workers run from dist/worker.cjs.
import { serialize } from "node:v8";
import { selectBackend } from "../../src/backends/select.ts";
import {
  defaultThreadLimits,
  type ThreadLimits,
} from "../../src/backends/thread-limits.ts";
import type { Pool, PoolOptions } from "../../src/backends/pool.ts";
import { Engine } from "../../src/engine/engine.ts";
import {
  defaultEngineOptions,
  type EngineOptions,
} from "../../src/engine/options.ts";
import { ops, type OpName } from "../../src/ops/table.ts";
import type { ResultKind, Register } from "../../src/ops/kinds.ts";
import { Request, type Decode } from "../../src/request/request.ts";
import {
  decodeBytes,
  decodeCount,
  decodeInto,
  decodeNone,
  decodeNumbers,
  decodeText,
} from "../../src/request/results.ts";

export { turn, until } from "./until.ts";
export type { Engine };

export interface TestOptions
  extends Partial<Omit<EngineOptions, "sizes">>, Partial<ThreadLimits> {
  backend?: string;
  slots?: number;
  arenaBytes?: number;
  allocBytes?: number;
  workersMax?: number;
  resourceLimits?: PoolOptions["resourceLimits"];
}

const open = new Set<Engine>();

export function makeEngine(options: TestOptions = {}): Engine {
  const { slots, arenaBytes, allocBytes, workersMax, backend, resourceLimits } =
    options;
  const { sizes } = defaultEngineOptions;
  const limits = limitsOf(options);
  const engine = new Engine(
    {
      ...defaultEngineOptions,
      ...pick(options, Object.keys(defaultEngineOptions)),
      sizes: {
        slots: slots ?? sizes.slots,
        arenaBytes: arenaBytes ?? 4 << 20,
        allocBytes: allocBytes ?? 0,
        workersMax: workersMax ?? 16,
      },
    },
    selectBackend(backend ?? "pool", { limits, resourceLimits }),
  );
  open.add(engine);
  return engine;
}

export function setLimits(engine: Engine, change: Partial<ThreadLimits>): void {
  (engine.backend as Pool).setLimits(limitsOf(change));
}

function limitsOf(options: Partial<ThreadLimits>): ThreadLimits {
  return {
    ...defaultThreadLimits,
    maxParallel: 4,
    ...pick(options, Object.keys(defaultThreadLimits)),
  };
}

const pick = (from: object, names: string[]): object =>
  Object.fromEntries(
    Object.entries(from).filter(
      ([name, value]) => names.includes(name) && value !== undefined,
    ),
  );

/** For afterEach: closes whatever a failed test left open. */
export async function closeEngines(): Promise<void> {
  const engines = [...open];
  open.clear();
  await Promise.all(engines.map((engine) => engine.close()));
}

const decoders: Record<ResultKind, Decode> = {
  none: decodeNone,
  count: decodeCount,
  fd: decodeCount,
  numbers: decodeNumbers,
  bigints: decodeNumbers,
  bytes: decodeBytes,
  text: decodeText,
  value: decodeNone,
};

export function decoderOf(name: OpName): Decode {
  const takesInto = ops[name].params.some(([, kind]) => kind === "into");
  return takesInto ? decodeInto : decoders[ops[name].result];
}

export type Registers = Partial<
  Pick<
    Request,
    | Exclude<Register, "buffers">
    | "room"
    | "level"
    | "laneName"
    | "ends"
    | "owner"
  >
>;

export interface Sent {
  request: Request;
  /** How often it was settled: never more than once. */
  settled: number;
  done: Promise<Request>;
}

export function prepare(name: OpName, registers: Registers = {}): Sent {
  const { promise, resolve } = withResolvers<Request>();
  const sent: Sent = {
    settled: 0,
    done: promise,
    request: new Request(ops[name].code, decoderOf(name), (request) => {
      sent.settled++;
      resolve(request);
    }),
  };
  Object.assign(sent.request, registers);
  return sent;
}

export function send(
  engine: Engine,
  name: OpName,
  registers: Registers = {},
): Sent {
  const sent = prepare(name, registers);
  engine.submit(sent.request);
  return sent;
}

/** The result of a request, awaited. */
export async function result(
  engine: Engine,
  name: OpName,
  registers: Registers = {},
): Promise<number> {
  return (await send(engine, name, registers).done).result;
}

const rogue = new URL("./rogue.mjs", import.meta.url).href;

/** The registers of a custom request that calls a function of rogue.mjs. */
export const callRogue = (name: string, ...args: unknown[]): Registers => ({
  data: serialize({ module: rogue, name, args }),
});

export function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
} {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** What is still in use, to compare with `nothing` at the end of a test. */
export const leftovers = (engine: Engine): object => ({
  nreqs: engine.nreqs,
  nready: engine.nready,
  npending: engine.npending,
  orphans: engine.orphans,
  usedSlots: engine.memory.sizes.slots - engine.freeSlots,
  arenaUsedBytes: engine.arenaUsedBytes,
});
export const nothing = {
  nreqs: 0,
  nready: 0,
  npending: 0,
  orphans: 0,
  usedSlots: 0,
  arenaUsedBytes: 0,
};
