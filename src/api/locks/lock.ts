// What a lock is to its holder, whatever it is made of. There is no code here.
export interface Lock extends AsyncDisposable {
  readonly path: string;
  /** Aborts when the lock is lost: from then on, somebody else may hold it. */
  readonly signal: AbortSignal;
  /** Releases the lock. */
  release(): Promise<void>;
}
