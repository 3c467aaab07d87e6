// Calls everything that the addon exports, and every method of what it makes, with whatever comes: started by
// garbage.test.ts with what it needs to know of the layout. It ends with 0 unless it crashes or hangs; the last call
// is in the file named in its settings.
import fc from "fast-check";
import fs from "node:fs";
import { createRequire } from "node:module";
import { inspect } from "node:util";

const { addonFile, log, seed, runs, layout, harmless } = JSON.parse(
  process.argv[2],
);
const addon = createRequire(import.meta.url)(addonFile);
const { slots, slotWords, blockBytes, controlWords, ring, words, crew } =
  layout;
const shared = (bytes) => new SharedArrayBuffer(bytes);

/** What a right call is made of: one thing of each. */
const right = () => ({
  control: new Int32Array(shared(controlWords * 4)),
  words: new Int32Array(shared(slots * slotWords * 4)),
  bytes: new Uint8Array(shared(slots * blockBytes)),
  list: new Int32Array(shared(slots * 4)),
});

const detached = () => {
  const array = new Uint8Array(64);
  globalThis.structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};
const number = fc.oneof(
  fc.integer({ min: -2, max: slots + 2 }),
  fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 32 + 1, 2 ** 53, NaN, 0.5, -0),
  fc.constantFrom(Infinity, -Infinity, Number.MAX_SAFE_INTEGER),
);
const anything = fc.oneof(
  number,
  fc.constantFrom(undefined, null, true, "", "uring", "nowait", "aio", "x\0y"),
  fc.constantFrom(10n, Symbol("x"), {}, [], new DataView(shared(8))),
  fc.constant(0).map(detached),
  fc.constantFrom(() => {}, new Float64Array(8), new Proxy([], {})),
  fc.nat(300).map((length) => new Int32Array(shared(length * 4))),
  fc.nat(300).map((length) => new Uint8Array(length)),
  fc.nat(300).map((length) => new Uint8Array(shared(length))),
  fc.constantFrom(
    Object.create(Int32Array.prototype),
    new Int32Array(new ArrayBuffer(4096)),
    new Uint8Array(shared(1 << 16)).subarray(0, 0),
  ),
);
const garbage = fc.array(anything, { maxLength: 8 });

/** Words of a slot: none of the ops that it may have change anything. */
const slot = fc.record({
  op: fc.oneof(fc.constantFrom(...harmless), fc.constantFrom(-1, 9999)),
  fd: fc.constantFrom(-1, 0, 9999),
  direct: fc.constantFrom(0, 0, 0, 2, -1),
  outcome: fc.constantFrom(0, crew.outcomeBlock, crew.outcomeBlock, -1),
  ...Object.fromEntries(
    [
      "path",
      "path2",
      "data",
      "dataBytes",
      "room",
      "cancelled",
      "wd",
      "outBytes",
      "blockTag",
      "address",
    ].map((name) => [
      name,
      fc.oneof(
        fc.constant(0),
        fc.integer({ min: -10, max: 9000 }),
        fc.integer(),
      ),
    ]),
  ),
});
const write = (memory, at, fields) => {
  for (const [name, value] of Object.entries(fields))
    memory.words[at * slotWords + words[name]] = value;
};

/** Shortly, and without a look into what is detached. */
const described = (value) =>
  ArrayBuffer.isView(value)
    ? `${value.constructor?.name}(${value.byteLength})`
    : inspect(value, { depth: 0 });
const logFd = fs.openSync(log, "w");
const say = (what) => {
  fs.writeSync(logFd, what.slice(0, 300).padEnd(300), 0);
};
const attempt = (name, fn, args) => {
  say(`${name}(${args.map((value) => described(value)).join(", ")})`);
  try {
    return fn(...args);
  } catch (error) {
    // The only thing that a wrong call may do.
    if (!(error instanceof Error))
      throw new Error(`${name} threw ${String(error)}`, { cause: error });
    return error;
  }
};

const methodCall = fc.record({
  which: fc.nat(7),
  args: garbage,
  slot,
  listed: fc.array(fc.integer({ min: -1, max: slots }), { maxLength: slots }),
});

function play(what, object, memory, calls) {
  const methods = Object.entries(object).filter(
    ([, value]) => typeof value === "function",
  );
  for (const { which, args, slot: fields, listed } of calls) {
    const [name, method] = methods[which % methods.length];
    write(memory, listed[0] > 0 && listed[0] < slots ? listed[0] : 0, fields);
    memory.list.set(listed.slice(0, slots));
    attempt(`${what}.${name}`, method, args);
    if (
      ["run", "takeBlock", "takeParts", "takeText", "dropBlock"].includes(name)
    )
      attempt(`${what}.${name}`, method, [0, which > 3]);
    if (name === "flush")
      attempt(`${what}.${name}`, method, [listed.length % slots]);
  }
}

/** Puts slots on the threads' ring, and lets them run; what is listed may be no slot. */
async function playCrew(object, memory, calls) {
  for (const { which, args, slot: fields, listed } of calls) {
    const at = which % slots;
    write(memory, at, fields);
    memory.words[at * slotWords + words.state] = crew.queued;
    let tail = Atomics.load(memory.crew, crew.ring + crew.tail);
    for (const entry of [...listed, at])
      memory.crew[crew.ring + crew.header + (tail++ & (slots - 1))] = entry;
    Atomics.store(memory.crew, crew.ring + crew.tail, tail);
    const methods = Object.entries(object).filter(([name]) => name !== "close");
    const [name, method] = methods[which % methods.length];
    attempt(`crew.${name}`, method, args);
    attempt("crew.ring", object.ring, [1]);
    // Until they have taken everything: the head has come to the tail.
    const head = crew.ring + crew.head;
    while (
      !failedToStart(memory) &&
      Atomics.load(memory.crew, head) !==
        Atomics.load(memory.crew, crew.ring + crew.tail)
    )
      await new Promise((resolve) => setImmediate(resolve));
    for (const method of ["takeBlock", "takeParts", "takeText", "dropBlock"])
      attempt(`attach.${method}`, memory.attached[method], [at, which > 3]);
  }
}
const failedToStart = (memory) => Atomics.load(memory.crew, crew.threads) === 0;

/** Those that end this process, or could, or take what is not theirs: any small number is somebody's descriptor. */
const dangerous = new Set(["lastExit", "fault", "raise", "holdFd", "moveFd"]);
const exported = Object.entries(addon).filter(([name]) => !dangerous.has(name));

fc.assert(
  fc.property(fc.nat(exported.length - 1), garbage, (at, args) => {
    const [name, fn] = exported[at];
    const made = attempt(name, fn, args);
    if (made?.close) attempt(`${name}.close`, made.close, []);
  }),
  { numRuns: runs, seed },
);
for (const name of ["lastExit", "holdFd", "moveFd"])
  for (const value of [undefined, "1", {}, null, 0.5, NaN, 2 ** 40])
    attempt(name, addon[name], [value]);
for (const fd of [-1, -(2 ** 31), 2 ** 31 - 1]) {
  attempt("holdFd", addon.holdFd, [fd]);
  attempt("moveFd", addon.moveFd, [fd, fd]);
}

fc.assert(
  fc.property(
    fc.constantFrom("attach", "uring", "nowait", "aio"),
    // Right arguments, some of which are replaced.
    fc.array(fc.tuple(fc.nat(7), anything), { maxLength: 2 }),
    fc.array(methodCall, { maxLength: 12 }),
    fc.boolean(),
    (what, changes, calls, closed) => {
      const memory = right();
      const attaches = what === "attach";
      const args = attaches
        ? [memory.words, memory.bytes]
        : [
            what,
            memory.control,
            memory.words,
            memory.bytes,
            memory.list,
            [],
            ring,
            slots,
            () => {},
          ];
      for (const [at, value] of changes) if (at < args.length) args[at] = value;
      const made = attempt(
        attaches ? "attach" : "openLane",
        attaches ? addon.attach : addon.openLane,
        args,
      );
      if (typeof made !== "object" || made instanceof Error) return;
      if (closed && made.close) made.close();
      play(what, made, memory, calls);
      made.close?.();
      play(what, made, memory, calls);
    },
  ),
  { numRuns: runs, seed },
);

await fc.assert(
  fc.asyncProperty(
    fc.array(fc.tuple(fc.nat(5), anything), { maxLength: 1 }),
    fc.array(methodCall, { maxLength: 12 }),
    fc.boolean(),
    async (changes, calls, closed) => {
      const memory = right();
      memory.crew = new Int32Array(shared(crew.words * 4));
      memory.crew[crew.threadsMax] = 2;
      memory.attached = addon.attach(memory.words, memory.bytes);
      const args = [memory.control, memory.crew, memory.words, memory.bytes];
      args.push([], () => {});
      for (const [at, value] of changes) args[at] = value;
      const made = attempt("openCrew", addon.openCrew, args);
      if (typeof made !== "object" || made instanceof Error) return;
      if (changes.length === 0 && made.start() === 0) {
        await playCrew(made, memory, calls);
      }
      if (closed) made.close();
      play("crew", made, memory, closed ? calls : []);
    },
  ),
  { numRuns: Math.ceil(runs / 4), seed },
);

// Functions that outlive their object, and a lane that is never closed.
{
  const { note, run } = addon.attach(
    new Int32Array(shared(slots * slotWords * 4)),
    new Uint8Array(shared(slots * blockBytes)),
  );
  for (let i = 0; i < 3; i++) {
    const memory = right();
    addon.openLane(
      "nowait",
      memory.control,
      memory.words,
      memory.bytes,
      memory.list,
      [],
      ring,
      slots,
      () => {},
    );
    addon.openLane(
      "uring",
      memory.control,
      memory.words,
      memory.bytes,
      memory.list,
      [],
      ring,
      slots,
      () => {},
    );
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  attempt("note", note, [0, new Uint8Array(8)]);
  attempt("run", run, [0]);
}
