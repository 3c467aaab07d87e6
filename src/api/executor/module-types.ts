// What the type of a module says about its calls: `eio.executor<typeof import("./db.mjs")>(...)` knows names, arguments and results.
// For a module of unknown type every name is right, and results are what the caller says they are.

export type AnyFunction = (...args: never[]) => unknown;
/** What executors call themselves. */
type Hook = "open" | "close" | "reset";
type Untyped<M> = unknown extends M ? true : false;

/** The functions of an object, by name. */
type OwnNames<M> = {
  [K in keyof M & string]: M[K] extends AnyFunction ? K : never;
}[keyof M & string];

/** Those of a module, and of what it exports: "find", "users.find". */
type ModuleNames<M> =
  | Exclude<OwnNames<M>, Hook>
  | {
      [K in keyof M & string]: M[K] extends AnyFunction
        ? never
        : M[K] extends object
          ? `${K}.${OwnNames<M[K]>}`
          : never;
    }[keyof M & string];

type FunctionOf<M, N> = N extends keyof M
  ? M[N]
  : N extends `${infer First}.${infer Rest}`
    ? First extends keyof M
      ? FunctionOf<M[First], Rest>
      : never
    : never;

/** Without the `{ signal }` that the thread adds for a function whose `takesSignal` is set. */
type ParametersOf<F> = F extends { takesSignal: boolean }
  ? F extends (...args: [...infer A, never]) => unknown
    ? A
    : never
  : F extends (...args: infer A) => unknown
    ? A
    : never;

type ReturnOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;
/** What a structured clone leaves as it is, or treats in a way of its own. */
type Kept =
  | AnyFunction
  | ArrayBufferLike
  | ArrayBufferView
  | Date
  | Error
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp;
/** As it is after a structured clone: Buffers are plain arrays of bytes, wherever they are in it. */
type Cloned<T> = T extends Buffer
  ? Uint8Array
  : T extends Kept
    ? T
    : T extends object
      ? { [K in keyof T]: Cloned<T[K]> }
      : T;

/** The arguments and options of a call of a function. The arguments may be omitted if none is required. */
export type GivenTo<F, Options> =
  [] extends ParametersOf<F>
    ? [args?: Readonly<ParametersOf<F>>, options?: Options]
    : [args: Readonly<ParametersOf<F>>, options?: Options];

/** A function's result as the caller receives it. */
export type ResultOf<F> = Cloned<ReturnOf<F>>;

/** What can be called. */
export type NameIn<M> = Untyped<M> extends true ? string : ModuleNames<M>;

/** The arguments and options of a call. The arguments may be omitted if none is required. */
export type Given<M, N, Options> =
  Untyped<M> extends true
    ? [args?: readonly unknown[], options?: Options]
    : GivenTo<FunctionOf<M, N>, Options>;

/** The type that a call resolves to, unless the caller specifies it (T). */
export type ResultIn<M, N, T> = [T] extends [never]
  ? Untyped<M> extends true
    ? unknown
    : ResultOf<FunctionOf<M, N>>
  : T;

/** The type of a stream's items, unless the caller specifies it (T). */
export type ItemIn<M, N, T> = [T] extends [never]
  ? Untyped<M> extends true
    ? unknown
    : ReturnOf<FunctionOf<M, N>> extends Iterable<infer I>
      ? Cloned<I>
      : ReturnOf<FunctionOf<M, N>> extends AsyncIterable<infer I>
        ? Cloned<I>
        : never
  : T;
