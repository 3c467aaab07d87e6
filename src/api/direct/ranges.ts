// Who may work on which bytes of a file at once: readers side by side, a writer of parts of blocks
// alone, all in the order in which they came. It knows ranges, not files.

interface Hold {
  readonly start: number;
  readonly end: number;
  readonly shared: boolean;
  /** Of those who came earlier, how many are in the way. */
  blockers: number;
  go: (() => void) | null;
}

const conflict = (a: Hold, b: Hold): boolean =>
  !(a.shared && b.shared) && a.start < b.end && b.start < a.end;

export class Ranges {
  /** In the order of their coming. */
  readonly #holds: Hold[] = [];

  /** Runs something while it holds the bytes from `start` up to `end`. */
  async during<T>(
    start: number,
    end: number,
    shared: boolean,
    run: () => Promise<T>,
  ): Promise<T> {
    const hold: Hold = { start, end, shared, blockers: 0, go: null };
    for (const earlier of this.#holds)
      if (conflict(earlier, hold)) hold.blockers++;
    this.#holds.push(hold);
    if (hold.blockers !== 0)
      await new Promise<void>((resolve) => (hold.go = resolve));
    try {
      return await run();
    } finally {
      this.#release(hold);
    }
  }

  #release(hold: Hold): void {
    const at = this.#holds.indexOf(hold);
    this.#holds.splice(at, 1);
    for (const later of this.#holds.slice(at))
      if (conflict(hold, later) && --later.blockers === 0) later.go!();
  }
}
