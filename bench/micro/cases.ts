// What our own steps cost, one by one: a request's way from an object to a slot, through a queue and
// a ring, and back, with nothing behind it. Each case says how many steps one call of it makes.
import { createEio } from "../../src/api/create.ts";
import { Queue } from "../../src/engine/queue.ts";
import { ops } from "../../src/ops/table.ts";
import { settlePromise } from "../../src/api/submit.ts";
import { Codec } from "../../src/request/codec.ts";
import { submissionRing, type Sizes } from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import { LEVELS, Request } from "../../src/request/request.ts";
import { decodeInto, decodeNone } from "../../src/request/results.ts";
import { Ring } from "../../src/request/ring.ts";
import { Slots } from "../../src/request/slots.ts";

export interface Case {
  name: string;
  /** Steps in one call of `run`: figures are per step. */
  steps: number;
  run(): unknown;
}

const STEPS = 1000;
const PATH = "/var/lib/some-service/objects/4f/2c/4f2c9a7be1";
const sizes: Sizes = { slots: 1024, arenaBytes: 16 << 20, workersMax: 1 };

const nothing = (): void => {};
const repeat = (step: () => void) => (): void => {
  for (let i = 0; i < STEPS; i++) step();
};

function slotCases(): Case[] {
  const memory = makeMemory(sizes);
  const codec = new Codec(memory);
  const slots = new Slots(memory);
  const throughSlot = (request: Request, result: number) => (): void => {
    const slot = slots.take();
    codec.encode(request, slot);
    codec.decode(request, slot, result);
    codec.release(slot);
    slots.release(slot);
  };
  const path = new Request(ops.unlink.code, decodeNone, nothing);
  path.path = PATH;
  const page = new Request(ops.read.code, decodeInto, nothing);
  page.data = Buffer.alloc(4096);
  const block = new Request(ops.read.code, decodeInto, nothing);
  block.data = Buffer.alloc(1 << 16);
  return [
    {
      name: "slot: encode and decode a path",
      steps: STEPS,
      run: repeat(throughSlot(path, 0)),
    },
    {
      name: "slot: encode and decode a read of 4 KiB, copied",
      steps: STEPS,
      run: repeat(throughSlot(page, 4096)),
    },
    {
      name: "slot: encode and decode a read of 64 KiB, copied",
      steps: STEPS,
      run: repeat(throughSlot(block, 1 << 16)),
    },
    {
      name: "arena: take and release 64 KiB",
      steps: STEPS,
      run: repeat(() => codec.arena.release(codec.arena.take(1 << 16))),
    },
  ];
}

function queueCases(): Case[] {
  const requests = Array.from({ length: STEPS }, (_, i) => {
    const request = new Request(ops.nop.code, decodeNone, nothing);
    request.level = i % LEVELS;
    return request;
  });
  const through = (queue: Queue) => (): void => {
    for (const request of requests) queue.push(request);
    while (queue.take() !== null);
  };
  const memory = makeMemory(sizes);
  const ring = new Ring(memory.control, submissionRing(sizes, 0), sizes.slots);
  return [
    {
      name: "queue: push and take, nine priorities, ageing",
      steps: STEPS,
      run: through(new Queue(true)),
    },
    {
      name: "queue: push and take, nine priorities, strict",
      steps: STEPS,
      run: through(new Queue(false)),
    },
    {
      name: "ring: push and take, as many workers do",
      steps: STEPS,
      run: repeat(() => {
        ring.push(1);
        ring.take();
      }),
    },
    {
      name: "ring: push and shift, as the loop does",
      steps: STEPS,
      run: repeat(() => {
        ring.push(1);
        ring.shift();
      }),
    },
  ];
}

/** All at once: what is left is the cost per request, not the wait for a turn of the loop. */
const together = (call: () => Promise<unknown>) => (): Promise<unknown> =>
  Promise.all(Array.from({ length: STEPS }, call));

function roundTripCases(): Case[] {
  const eio = createEio({ backend: "null" });
  const { promises, fs } = eio;
  return [
    {
      name: "node: a promise, made and awaited",
      steps: STEPS,
      run: together(() => new Promise<void>((resolve) => resolve())),
    },
    {
      name: "node: a turn of the loop, 1000 promises resolved in it",
      steps: STEPS,
      run: () => {
        const resolves: (() => void)[] = [];
        setImmediate(() => resolves.forEach((resolve) => resolve()));
        return together(
          () => new Promise<void>((resolve) => resolves.push(resolve)),
        )();
      },
    },
    {
      name: "node: a signal of its own, listened to",
      steps: STEPS,
      run: repeat(() => {
        const { signal } = new AbortController();
        signal.addEventListener("abort", nothing, { once: true });
        signal.removeEventListener("abort", nothing);
      }),
    },
    {
      name: "null backend: there and back, promise",
      steps: STEPS,
      run: together(() => promises.unlink(PATH)),
    },
    {
      name: "null backend: there and back, promise, a signal of its own",
      steps: STEPS,
      run: together(() =>
        promises.unlink(PATH, { signal: new AbortController().signal }),
      ),
    },
    {
      name: "null backend: there and back, callback",
      steps: STEPS,
      run: () =>
        new Promise<void>((resolve) => {
          let left = STEPS;
          const done = (): void => {
            if (--left === 0) resolve();
          };
          for (let i = 0; i < STEPS; i++) fs.unlink(PATH, done);
        }),
    },
  ];
}

/** The end of a request: its owner's promise is resolved, and the code that awaits it goes on. */
function settleCases(): Case[] {
  return [
    {
      name: "settle: a promise by its request",
      steps: STEPS,
      run: together(
        () =>
          new Promise((resolve) => {
            const request = new Request(
              ops.nop.code,
              decodeNone,
              settlePromise,
            );
            request.resolve = resolve as never;
            settlePromise(request);
          }),
      ),
    },
  ];
}

/** Plain arithmetic, the same on every machine: the unit of the other figures. */
export const calibration: Case = {
  name: "calibration: xorshift",
  steps: STEPS,
  run() {
    let state = 1;
    for (let i = 0; i < STEPS; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
    }
    return state;
  },
};

export const cases: Case[] = [
  ...slotCases(),
  ...queueCases(),
  ...settleCases(),
  ...roundTripCases(),
];
