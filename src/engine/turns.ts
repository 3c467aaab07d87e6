// What the engine tells whoever decides when completions are looked for: the loop (loop.ts), or the
// caller (manual.ts). And what these two ask of the engine.

export interface Turns {
  /** Something was handed to the backend: there will be completions. */
  start(): void;
  /** The backend rang, or something came beside it: called by the event loop, not in a promise's job. */
  wake(): void;
  /** Something is done that no backend has done: it is to be told, but not inside this call. */
  look(): void;
  /** Somebody stopped waiting: perhaps nobody does any more. */
  update(): void;
  /** Until stop() the process stays alive. */
  hold(): void;
  stop(): void;
}

export interface Waking {
  /** Is there anything whose completion will come? */
  busy(): boolean;
  /** Is anybody waiting for one? Only then the process is kept alive. */
  wanted(): boolean;
  /** From now on wake() is called on the next completion; false when one is there already. */
  arm(): boolean;
  disarm(): void;
}
