// How a process ends while a system call of one of its requests hangs. Node joins its threads before
// it exits, and a thread in such a call never ends: native code then ends the process, once Node has
// done everything else. Where nothing is in flight at the exit none of this does anything.
//
//   'exit' listeners, all of them -> watched from here on -> Node prints, flushes, joins -> exits
//                                                                                |
//                                            nothing happens any more for a while: _exit(code)
import process from "node:process"; // A program may put another in the place of the global one.
import { loadNative } from "../../backends/native.ts";
import type { Engine } from "../../engine/engine.ts";
import { isMainThread } from "../../util/main-thread.ts";

const UNCAUGHT = 1;
let engines: { ref: WeakRef<Engine>; carriesOut: boolean }[] = [];
let wrapped = false;

/** In a thread of the user's an exit is that thread's alone: see docs/lanes.md. `carriesOut`: what was submitted is waited for. */
export function exitWithout(engine: Engine, { carriesOut = true } = {}): void {
  if (!isMainThread) return;
  engines = engines.filter(({ ref }) => ref.deref() !== undefined);
  engines.push({ ref: new WeakRef(engine), carriesOut });
  if (wrapped) return;
  wrapped = true;
  wrapExit(carryOut, (code) => {
    carryOut();
    const { addon } = loadNative();
    if (living().some((engine) => engine.running !== 0)) addon?.lastExit(code);
  });
}

const living = (): Engine[] => engines.flatMap(({ ref }) => ref.deref() ?? []);

/** What hangs is waited for once, however many listeners call process.exit(). */
let hung = false;

function carryOut(): void {
  if (hung) return;
  for (const { ref, carriesOut } of engines)
    if (carriesOut) ref.deref()?.carryOut();
  hung = living().some((engine) => engine.running !== 0);
}

/**
 * Calls `begin` before the first listener of 'exit', which may write what belongs behind what was
 * submitted, and `leave` after the last one and before Node's own end of the process. A listener of ours would not do: others may come after it, and may call process.exit().
 */
function wrapExit(begin: () => void, leave: (code: number) => void): void {
  const codeNow = (given: unknown): number =>
    Number(process.exitCode ?? given ?? 0);
  type Emit = (this: NodeJS.Process, ...args: unknown[]) => boolean;
  const emitter = process as unknown as { emit: Emit };
  keepAround(
    emitter,
    "emit",
    (emit) =>
      function (this: NodeJS.Process, ...args) {
        if (args[0] !== "exit") return Reflect.apply(emit, this, args);
        begin();
        try {
          const heard = Reflect.apply(emit, this, args);
          leave(codeNow(args[1]));
          return heard;
        } catch (error) {
          leave(codeNow(undefined) || UNCAUGHT);
          throw error;
        }
      },
  );
  type ReallyExit = (this: NodeJS.Process, code?: number) => never;
  const leaver = process as unknown as { reallyExit: ReallyExit };
  keepAround(
    leaver,
    "reallyExit",
    (reallyExit) =>
      function (code): never {
        leave(Number(code ?? 0));
        return Reflect.apply(reallyExit, this, [code]);
      },
  );
}

/**
 * Wraps a method, and whatever takes its place later: signal-exit, for one, puts back there what it found before we came.
 * What it calls of ours in turn does its part once more, so that must do no harm.
 */
function keepAround<Name extends string, Method extends object>(
  holder: Record<Name, Method>,
  name: Name,
  around: (method: Method) => Method,
): void {
  const ours = new WeakSet<Method>();
  let current: Method;
  const set = (method: Method): void => {
    const callable = typeof method === "function" && !ours.has(method);
    current = callable ? around(method) : method;
    if (callable) ours.add(current);
  };
  set(holder[name]);
  Object.defineProperty(holder, name, {
    ...{ configurable: true, enumerable: true, get: () => current, set },
  });
}
