// Names in the options of calls. Node ignores what it does not know, and so do we in its calls, but not in silence where one looks like
// ours; calls that only we have refuse it. What any of them is for is not known here.
import { nearestName } from "../util/nearest-name.ts";
import { checkNames } from "./option-names.ts";
import type { RequestOptions } from "./request-options.ts";

export const callOptionNames = Object.keys({
  signal: true,
  timeout: true,
  priority: true,
  lane: true,
  wd: true,
  destWd: true,
  cache: true,
} satisfies Record<keyof RequestOptions, true>);

/** What they are called by others: no letters are wrong there. */
const elsewhere: Record<string, string> = {
  deadline: "timeout",
  abortSignal: "signal",
};

/** The option of a call that somebody is likely to have meant. */
export const nearestOption = (name: string): string | undefined =>
  Object.hasOwn(elsewhere, name)
    ? elsewhere[name]
    : nearestName(name, callOptionNames);

/** Each name is looked at once in a process; those that Node's calls know most are no mistakes. */
const seen = new Set([
  ...callOptionNames,
  ...["encoding", "flag", "flags", "mode", "recursive", "withFileTypes"],
  ...["bigint", "flush", "force", "start", "end", "highWaterMark"],
]);

/** Warns once of each name that is likely to mean one of ours; `--disable-warning=EIO_OPTION` switches it off. */
export function reportMisspelt(options: object): void {
  for (const name in options) {
    if (seen.has(name)) continue;
    seen.add(name);
    const near = nearestOption(name);
    if (near !== undefined)
      process.emitWarning(
        `The option "${name}" of a call is ignored; did you mean "${near}"?`,
        { code: "EIO_OPTION" },
      );
  }
}

/** For calls that only we have: throws for what is neither an option of every call nor one of the call's own. */
export function ownOptions<T extends object>(
  own: Record<Exclude<keyof T, keyof RequestOptions>, true>,
): (options: unknown) => void {
  const known = [...callOptionNames, ...Object.keys(own)];
  return (options) => {
    if (options !== undefined)
      checkNames(options as object, known, undefined, elsewhere);
  };
}
