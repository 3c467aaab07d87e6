// How an instance is given a backend, or something in front of one, that is not chosen by name. It knows the two symbols by
// which such an object is found, and nothing of what it does.
import type { Memory } from "../request/memory.ts";
import type { Backend, Completions } from "./backend.ts";

export type MakeBackend = (
  memory: Memory,
  completions: Completions,
  wake: () => void,
) => Backend;

/** A method that returns how the backend is made. */
export const makesBackend: unique symbol = Symbol.for("node-eio.makesBackend");

export interface BackendMaker {
  /** @internal */
  [makesBackend](): MakeBackend;
}

export const isBackendMaker = (choice: unknown): choice is BackendMaker =>
  typeof (choice as BackendMaker | undefined)?.[makesBackend] === "function";

/** A method that is given how the backend is made, and returns how one in front of it is made. */
export const wrapsBackend: unique symbol = Symbol.for("node-eio.wrapsBackend");

export interface BackendWrapper {
  /** @internal */
  [wrapsBackend](make: MakeBackend): MakeBackend;
}
