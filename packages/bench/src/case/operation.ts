// One operation of a work, in the three styles of asking, and how its answer is known to be right. It
// knows neither what the operation is nor who provides it.

export type Done = (error: Error | null, value?: unknown) => void;

/** An operation begins when it is called with the number of its lane; false: there are no more. */
export interface Operations {
  promise(lane: number): Promise<unknown> | false;
  callback(lane: number, done: Done): boolean;
  sync(lane: number): unknown;
  /** The op of the table that it comes down to. */
  op: string;
  bytesEach: number;
  /** Throws on an answer that is not a whole operation's. */
  verify(answer: unknown): void;
  close(): Promise<void>;
}
