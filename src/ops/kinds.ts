// What an operand of an op can be, and which register of the request carries it. This file knows
// how operands are stored, not what any op does with them.

/** Where an operand lives in a request and, later, in a slot. */
export type Register =
  | "fd"
  | "path"
  | "path2"
  | "position"
  | "a"
  | "b"
  | "c"
  | "d"
  | "data"
  | "buffers";

/** The TypeScript type that a caller gives for each kind of operand. */
export interface KindTypes {
  fd: number;
  /** A second descriptor; it travels as a number. */
  fd2: number;
  path: string | Uint8Array;
  mode: number;
  flags: number;
  id: number;
  length: number;
  seconds: number;
  milliseconds: number;
  /** One of TimeForm, which no argument of Node's gives; it travels as a number. */
  form: number;
  switch: number;
  position: number;
  /** A second place in a file, or one that may be below 0; it travels as a number. */
  offset: number;
  /** Bytes that the op takes from the caller. */
  from: Uint8Array;
  /** Bytes that the op fills for the caller. */
  into: Uint8Array;
  /** The caller's own memory, which is worked on where it lies: for native code only. */
  memory: Uint8Array;
  /** Several of those, which are read in their order. */
  buffers: readonly Uint8Array[];
}

export type Kind = keyof KindTypes;

/** What an op gives back. */
export interface ResultTypes {
  none: undefined;
  count: number;
  fd: number;
  numbers: Float64Array;
  bigints: BigInt64Array;
  bytes: Uint8Array;
  text: string | undefined;
  value: unknown;
}

export type ResultKind = keyof ResultTypes;

/**
 * What the permission model has to allow of a path, or of the paths among the data:
 *   read, write, both   of the path itself
 *   flags               as the flags of open say, in register a
 *   tree                both, of the path and, where a is not 0, of all that is below it
 *   list                read, of the path and, where b is not 0, of all that is below it
 *   readAll, all        reading, or reading and writing, wherever it is: as Node's own call wants it
 *   paths, module       read, of each of the paths, or of the module, in the data
 *   ours                nothing: the path was made here of one that was allowed
 */
export type Access =
  | "read"
  | "write"
  | "both"
  | "flags"
  | "tree"
  | "list"
  | "readAll"
  | "all"
  | "paths"
  | "module"
  | "ours";

/** A path without its access is no parameter. */
export type Param =
  | readonly [name: string, kind: "path", access: Access]
  | readonly [name: string, kind: "from", access: Access]
  | readonly [name: string, kind: Exclude<Kind, "path">];

const NUMBERS: readonly Register[] = ["a", "b", "c", "d"];

/** Assigns registers in the order of the parameters: the n-th number goes to the n-th of a..d. */
export function registersOf(params: readonly Param[]): Register[] {
  let paths = 0;
  let numbers = 0;
  return params.map(([name, kind]) => {
    if (kind === "fd" || kind === "position" || kind === "buffers") return kind;
    if (kind === "from" || kind === "into" || kind === "memory") return "data";
    if (kind === "path") return paths++ === 0 ? "path" : "path2";
    const register = NUMBERS[numbers++];
    if (register === undefined)
      throw new RangeError(`No register left for ${name}`);
    return register;
  });
}
