// Options of calls that look like ours and are not: Node ignores what it does not know, and so do we, but not in silence.
// It knows our options' names, and what any of them is for is not its business.
import { nearestName } from "./option-names.ts";
import type { RequestOptions } from "./request-options.ts";

const ours = Object.keys({
  signal: true,
  timeout: true,
  priority: true,
  lane: true,
  wd: true,
  destWd: true,
} satisfies Record<keyof RequestOptions, true>);

/** Each name is looked at once in a process. */
const seen = new Set(ours);

/** Warns once of each name that is likely to mean one of ours; `--disable-warning=EIO_OPTION` switches it off. */
export function reportMisspelt(options: object): void {
  for (const name in options) {
    if (seen.has(name)) continue;
    seen.add(name);
    const near = nearestName(name, ours);
    if (near !== undefined)
      process.emitWarning(
        `The option "${name}" of a call is ignored; did you mean "${near}"?`,
        { code: "EIO_OPTION" },
      );
  }
}
