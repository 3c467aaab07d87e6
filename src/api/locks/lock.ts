// What a lock is to its holder, whatever it is made of. There is no code here.
export interface Lock extends AsyncDisposable {
  readonly path: string;
  /** Aborts when the lock is lost: by then somebody else may have it. */
  readonly signal: AbortSignal;
  /** Lets the next one have it. */
  release(): Promise<void>;
}
