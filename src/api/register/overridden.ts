// Which functions of node:fs somebody has put their own over while ours stand there (register): Node's streams and
// writeFile call those, and so do ours. It knows names, and not what a function does.
import nodeFs from "node:fs";
import type { AnyFunction } from "../call-forms.ts";

type Functions = Record<string, AnyFunction>;

let standing: Functions | null = null;

/** Ours, from when they are in the place of Node's; null: they no longer are. */
export function standIn(functions: object | null): void {
  standing = functions as Functions | null;
}

/** What is called in the place of ours; null: nothing is. */
export function replacement(name: string): AnyFunction | null {
  if (standing === null) return null;
  const current = (nodeFs as unknown as Functions)[name]!;
  return current === standing[name] ? null : current;
}

/** Whether Node's own writeFile would call somebody else's function. */
export const writesReplaced = (): boolean =>
  standing !== null &&
  ["open", "write", "fsync", "close"].some((name) => replacement(name));
