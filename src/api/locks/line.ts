// Who waits for a lock in this instance, and whose turn it is: by priority, then in the order of the calls. It does not know
// what a lock is: those whose turn it is try to get it from the system.
//
//   enter() --> waiting --nobody in the way--> mayTry() --got it--> grant() --> leave()
export interface Claim {
  /** Higher ones are served first. */
  readonly priority: number;
  readonly shared: boolean;
  readonly start: number;
  /** Behind its last byte; Infinity: to the end of the file, wherever that is. */
  readonly end: number;
}

export class Place {
  readonly claim: Claim;
  isGranted = false;
  /** Set while it waits for its turn. */
  wake: (() => void) | null = null;

  constructor(claim: Claim) {
    this.claim = claim;
  }
}

const conflict = (a: Claim, b: Claim): boolean =>
  !(a.shared && b.shared) && a.start < b.end && b.start < a.end;

export class Line {
  /** In the order in which they are served; who has the lock is among them. */
  readonly #places: Place[] = [];

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  enter(claim: Claim): Place {
    const place = new Place(claim);
    const behind = this.#places.findLastIndex(
      (other) => other.claim.priority >= claim.priority,
    );
    this.#places.splice(behind + 1, 0, place);
    return place;
  }

  /** Nobody who has the lock, or is to have it before, is in the way. */
  mayTry(place: Place): boolean {
    let isBefore = true;
    for (const other of this.#places) {
      if (other === place) isBefore = false;
      else if (
        (isBefore || other.isGranted) &&
        conflict(other.claim, place.claim)
      )
        return false;
    }
    return true;
  }

  leave(place: Place): void {
    const at = this.#places.indexOf(place);
    if (at === -1) return;
    this.#places.splice(at, 1);
    for (const waiting of this.#places.slice())
      if (waiting.wake !== null && this.mayTry(waiting)) waiting.wake();
  }
}

/** A line for each file, by its name, as long as somebody is in it. */
export class Lines {
  readonly #lines = new Map<string, Line>();

  of(name: string): Line {
    let line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, (line = new Line()));
    return line;
  }

  leave(name: string, place: Place): void {
    const line = this.#lines.get(name);
    line?.leave(place);
    if (line?.isEmpty === true) this.#lines.delete(name);
  }
}
