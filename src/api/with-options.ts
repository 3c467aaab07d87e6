// Type arithmetic: the signatures of a function of Node's with our request options accepted too,
// in its options object where it has one, else as one more argument. It knows no function by name.
import type { RequestOptions } from "./request-options.ts";

type AnyCall = (...args: never[]) => unknown;

/** Objects that are no options: paths, times, data. */
type NoOptions =
  | URL
  | Date
  | ArrayBufferView
  | { readonly fd: number }
  | Iterable<unknown>
  | AsyncIterable<unknown>
  | AnyCall;

/** What of a parameter's type is an options object. */
type OptionsOf<P> = P extends object
  ? P extends NoOptions
    ? never
    : P
  : never;

type Widened<P> = [OptionsOf<P>] extends [never]
  ? P
  : P | (OptionsOf<P> & RequestOptions);

/** The parameters with our options accepted where options are; labels and question marks stay. */
type WidenedAll<A extends unknown[]> = { [I in keyof A]: Widened<A[I]> };

type HasOptions<A extends unknown[]> = [
  OptionsOf<Exclude<A[number], AnyCall>>,
] extends [never]
  ? false
  : true;

// --- the signatures of an overloaded function: eight is the most that any of Node's has ---

type Signature = [args: unknown[], result: unknown];

type Signatures<F> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
  (...args: infer A7): infer R7;
  (...args: infer A8): infer R8;
}
  ? [
      [A1, R1],
      [A2, R2],
      [A3, R3],
      [A4, R4],
      [A5, R5],
      [A6, R6],
      [A7, R7],
      [A8, R8],
    ]
  : [];

type Every<
  S extends Signature[],
  M extends Mapping,
  All extends Signature = S[number],
> = S extends [
  infer First extends Signature,
  ...infer Others extends Signature[],
]
  ? Mapped<M, First, All> & Every<Others, M, All>
  : unknown;

type Mapping = "promised" | "called";
type Mapped<
  M extends Mapping,
  S extends Signature,
  All extends Signature,
> = M extends "promised" ? Promised<S> : Called<S, All>;

// --- promises: the options are last ---

type Promised<S extends Signature> =
  HasOptions<S[0]> extends true
    ? (...args: WidenedAll<S[0]>) => S[1]
    : (...args: [...S[0], options?: RequestOptions]) => S[1];

// --- callbacks: the options are before the callback, after everything else ---

type LongerThan = {
  1: 2 | 3 | 4 | 5 | 6 | 7;
  2: 3 | 4 | 5 | 6 | 7;
  3: 4 | 5 | 6 | 7;
  4: 5 | 6 | 7;
  5: 6 | 7;
  6: 7;
  7: never;
};
type LengthOf<S extends Signature> = S extends Signature
  ? Required<S[0]>["length"]
  : never;

/** A signature that another one has more arguments than leaves some out: options cannot follow. */
type IsLongest<S extends Signature, All extends Signature> = [
  LengthOf<All> & LongerThan[LengthOf<S> & keyof LongerThan],
] extends [never]
  ? true
  : false;

type Called<S extends Signature, All extends Signature> =
  HasOptions<S[0]> extends true
    ? (...args: WidenedAll<S[0]>) => S[1]
    : IsLongest<S, All> extends true
      ? Required<S[0]> extends [...infer Before, infer Callback extends AnyCall]
        ? (
            ...args: [...Before, options: RequestOptions, callback: Callback]
          ) => S[1]
        : unknown
      : unknown;

/** A function that returns a promise: Node's own signatures, then those with our options. */
export type PromisedWithOptions<F> = F & Every<Signatures<F>, "promised">;

/** The same of a function that calls back, or of one that makes a stream. */
export type CalledWithOptions<F> = F & Every<Signatures<F>, "called">;
