// What an executor and its threads send each other, and the words of memory that they share. Who waits for a
// thread, and what a module's functions do, is not known here.
import type { MessagePort } from "node:worker_threads";

/** The words that an executor shares with one thread, by their index. */
export const Word = {
  /** The number of the start until the thread begins; see the claim of a resident task. */
  claim: 0,
  /** 1 while the call that runs is cancelled, or nobody wants the rest of its stream. Set by the executor alone. */
  aborted: 1,
  /** 1 once the thread has called the module's `close`. */
  left: 2,
} as const;
export const WORDS = 3;

/** The functions of a module that the executor calls itself. */
export const hooks = ["open", "close", "reset"] as const;
export type Hook = (typeof hooks)[number];

/** What a thread is started with. */
export interface ThreadTask {
  /** A URL. */
  module: string;
  /** What the option `data` gave. */
  data: unknown;
  port: MessagePort;
  words: Int32Array;
  number: number;
}

/** To a thread. It is given one call at a time; `more` and `end` come while it runs a stream. */
export type Order =
  | { kind: "call"; name: string; args: readonly unknown[] }
  | {
      kind: "stream";
      name: string;
      args: readonly unknown[];
      /** Items in one message. */
      batch: number;
      /** Messages that may be sent before `more` allows another. */
      credits: number;
    }
  | { kind: "more" }
  /** Nobody wants the rest of the stream, or its result; the word `aborted` is set, too. */
  | { kind: "end" }
  | { kind: "reset" }
  | { kind: "leave" };

/** From a thread: `opened` or `failed` first, one reply for each call, any number of `items` for a stream. */
export type Reply =
  | { kind: "opened" }
  | { kind: "failed"; thrown: Sent }
  | { kind: "value"; value: unknown }
  | { kind: "thrown"; thrown: Sent }
  /** There is no such function, and why; or it returned nothing to iterate over. */
  | { kind: "uncallable"; why: string }
  /** What the function returned, or an item of its stream, cannot be sent. */
  | { kind: "uncloneable"; why: string }
  | { kind: "items"; items: readonly unknown[] }
  | { kind: "ended" }
  | { kind: "reset"; thrown?: Sent }
  | { kind: "closed"; thrown?: Sent };

/** An error as it travels: a structured clone of one keeps neither its class nor its own properties. */
export interface SentError {
  className: string;
  /** The class of the language that it extends. */
  base: string;
  name: string;
  message: string;
  stack: string;
  own: readonly SentProperty[];
}

export interface SentProperty {
  name: string;
  enumerable: boolean;
  value: Sent;
}

/** A value that may be an error, or a list of such values. */
export type Sent =
  { error: SentError } | { list: readonly Sent[] } | { value: unknown };
