// A place that a search is to look at: a path, and at which parts of a pattern it may be there. It
// knows how parts match names; it looks at no file.
import { GLOBSTAR } from "minimatch";
import type { Part, Pattern } from "./glob-options.ts";

export { GLOBSTAR };

const NONE: ReadonlySet<number> = new Set();

export class Visit {
  readonly path: string;
  readonly pattern: Pattern;
  /** Numbers of the parts that what is below may match next. */
  readonly at: ReadonlySet<number>;
  /** Those of them that a link was followed for: ** follows one link, not two. */
  readonly linked: ReadonlySet<number>;
  /** Real paths of the folders above, where links are followed as folders. */
  readonly above: ReadonlySet<string>;

  constructor(
    path: string,
    pattern: Pattern,
    at: ReadonlySet<number>,
    linked: ReadonlySet<number> = NONE,
    above: ReadonlySet<string> = new Set(),
  ) {
    this.path = path;
    this.pattern = pattern;
    this.at = at;
    this.linked = linked;
    this.above = above;
  }

  /** The same pattern from other parts on, elsewhere. */
  goingOn(path: string, at: ReadonlySet<number>): Visit {
    return new Visit(path, this.pattern, at, NONE, this.above);
  }

  get last(): number {
    return this.pattern.parts.length - 1;
  }

  part(index: number): Part | undefined {
    return this.pattern.parts.at(index);
  }

  /** The only part, where it is a plain name: nothing has to be listed for it. */
  get onlyName(): string | null {
    if (this.at.size !== 1) return null;
    const [index] = this.at;
    const part = this.part(index!);
    return typeof part === "string" ? part : null;
  }

  /** Whether nothing more has to follow: at the last part, or at a ** that only a slash follows. */
  ends(folder: boolean): boolean {
    if (this.at.has(this.last)) return true;
    return (
      this.part(-1) === "" &&
      folder &&
      this.at.has(this.last - 1) &&
      this.part(-2) === GLOBSTAR
    );
  }

  get followsLinks(): boolean {
    for (const index of this.at) if (!this.linked.has(index)) return true;
    return false;
  }

  matches(index: number, name: string): boolean {
    const part = this.pattern.parts[index];
    if (part === undefined) return false;
    if (part === GLOBSTAR) return true;
    return typeof part === "string" ? part === name : part.test(name);
  }

  /** A name with a dot in front is for ** only where the part behind it begins with one. */
  hides(index: number, name: string): boolean {
    if (!name.startsWith(".")) return false;
    let next = index + 1;
    while (this.part(next) === GLOBSTAR) next++;
    return !this.matches(next, name);
  }

  /** What is left of the pattern from a part on: the same rest leads to the same results. */
  rest(index: number): string {
    return this.pattern.globs.slice(index).join("/");
  }
}
