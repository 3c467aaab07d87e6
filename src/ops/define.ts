// How an op is declared: its code, operands, result, and the name it has in errors. It knows the
// form of an entry, not which entries there are.
import type { Param, ResultKind } from "./kinds.ts";

export interface Op<
  P extends readonly Param[] = readonly Param[],
  R extends ResultKind = ResultKind,
> {
  readonly code: number;
  /** One sentence for documentation. */
  readonly about: string;
  readonly params: P;
  readonly result: R;
  /** The system call as Node names it in errors; a one-hop op reports the call that failed. */
  readonly syscall: string;
  /** A whole job in one crossing: errors then carry their own syscall and path. */
  readonly oneHop: boolean;
  /** The op that undoes a success that nobody waits for any more (an orphaned open). */
  readonly undo?: string;
  /** It needs a descriptor of its own: where there is none it can wait for one. */
  readonly opens?: true;
  /** A descriptor is free after it. */
  readonly closes?: true;
  /**
   * Done a second time it leads to the same: it starts at a path, and changes nothing but what the flags of an open say. It is
   * done again where the file system says that what the path led to is no longer there (ESTALE); see stale.ts.
   */
  readonly repeats?: true;
  /** What it takes of memory of ours while it runs, and until its result is given away; nothing that counts where it says nothing. */
  readonly memory?: MemoryUse;
  /** From this release of Node on the permission model disables it: a descriptor has no path. */
  readonly disabledFrom?: number;
  /**
   * For an op of native code: how it is done without, or false where it then fails with ENOSYS.
   * By default Node's own fs does it.
   */
  readonly emulated?: string | false;
}

/**
 * So many bytes; as many as an operand says; or as many as there are to read. Those are known only when the file is open: with more
 * than the operand `most` (0: no limit) the op reads nothing, and ends with Special.overLimit and how many there are.
 */
export type MemoryUse =
  | { readonly bytes: number }
  | { readonly bytesIn: "a" }
  | { readonly most: "b" | "c" };

export const system = <const P extends readonly Param[], R extends ResultKind>(
  code: number,
  params: P,
  result: R,
  syscall: string,
  about: string,
  undo?: string,
): Op<P, R> => ({
  code,
  params,
  result,
  syscall,
  about,
  oneHop: false,
  ...(undo === undefined ? {} : { undo }),
});

export const oneHop = <const P extends readonly Param[], R extends ResultKind>(
  code: number,
  params: P,
  result: R,
  syscall: string,
  about: string,
): Op<P, R> => ({ code, params, result, syscall, about, oneHop: true });

/** An op of native code; `emulated` is how it is done without, false is ENOSYS. */
export const native = <const P extends readonly Param[], R extends ResultKind>(
  code: number,
  params: P,
  result: R,
  syscall: string,
  about: string,
  emulated: string | false = false,
): Op<P, R> & { emulated: string | false } => ({
  ...system(code, params, result, syscall, about),
  emulated,
  ...(result === "fd" ? { undo: "close" } : {}),
});

/** An op that takes a descriptor before it changes anything. */
export const opening = <O extends Op>(op: O): O & { opens: true } => ({
  ...op,
  opens: true,
});
export const closing = <O extends Op>(op: O): O & { closes: true } => ({
  ...op,
  closes: true,
});

export const repeating = <O extends Op>(op: O): O & { repeats: true } => ({
  ...op,
  repeats: true,
});

/** An op that takes memory of ours for what it reads. */
export const holding = <O extends Op>(
  memory: MemoryUse,
  op: O,
): O & { memory: MemoryUse } => ({ ...op, memory });

export const disabled = <const N extends number, O extends Op>(
  disabledFrom: N,
  op: O,
): O & { disabledFrom: N } => ({ ...op, disabledFrom });

/** Operands that many ops have: a path is read, unless its name here says otherwise. */
export const path = ["path", "path", "read"] as const;
export const written = ["path", "path", "write"] as const;
export const opened = ["path", "path", "flags"] as const;
export const fd = ["fd", "fd"] as const;
export const mode = ["mode", "mode"] as const;
export const bigint = ["bigint", "switch"] as const;
