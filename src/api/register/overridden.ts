// Which functions somebody has put their own over, on an object of ours that has those of node:fs or on node:fs itself while ours
// stand there (register): Node's streams and writeFile call those, and so do ours. It knows names, and not what a function does.
import nodeFs from "node:fs";
import type { AnyFunction } from "../call-forms.ts";
import type { Submitter } from "../submitter.ts";

type Functions = Record<string, AnyFunction>;

/** Those that streams and writeFile call. */
type Name = "open" | "close" | "read" | "write" | "writev" | "fsync";

/** Where ours stand, and which they were. */
class Place {
  readonly #on: Functions;
  readonly #ours: Functions;

  constructor(on: object, ours: object) {
    this.#on = on as Functions;
    const { open, close, read, write, writev, fsync } = ours as Functions;
    this.#ours = { open, close, read, write, writev, fsync } as Functions;
  }

  replacement(name: Name): AnyFunction | null {
    const current = this.#on[name]!;
    return current === this.#ours[name] ? null : current.bind(this.#on);
  }
}

let ofNode: Place | null = null;
const doors = new WeakMap<() => Submitter, Place>();

/** Ours, from when they are in the place of Node's; null: they no longer are. */
export function standIn(functions: object | null): void {
  ofNode = functions === null ? null : new Place(nodeFs, functions);
}

/** The functions of an instance, on an object of its own. */
export function standOn(door: object, engine: () => Submitter): void {
  doors.set(engine, new Place(door, door));
}

/** What is called in the place of ours; null: nothing is. */
export const replacement = (
  name: Name,
  engine: () => Submitter,
): AnyFunction | null =>
  ofNode?.replacement(name) ?? doors.get(engine)?.replacement(name) ?? null;

/** Whether Node's own writeFile would call somebody else's function. */
export const writesReplaced = (): boolean =>
  ofNode !== null &&
  (["open", "write", "fsync", "close"] as const).some((name) =>
    ofNode!.replacement(name),
  );
