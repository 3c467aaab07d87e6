// Names in objects of options: one that is not known is an error, or reported, together with the nearest that is. It
// knows no option.
import { inspect } from "node:util";
import { misuseError } from "../util/errors.ts";
import { nearestName } from "../util/nearest-name.ts";

export function checkObject(options: unknown, where = "options"): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      where,
      "an object",
      inspect(options),
    );
}

/**
 * Throws for what is no object, and for a name that is not among the known ones.
 * @param elsewhere what known ones are called by others
 */
export function checkNames(
  options: object,
  known: readonly string[],
  where?: string,
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  checkObject(options, where);
  const prefix = where === undefined ? "" : `${where}.`;
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name)) continue;
    const near = Object.hasOwn(elsewhere, name)
      ? elsewhere[name]
      : nearestName(name, known);
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      `${prefix}${name}`,
      {
        instead:
          near === undefined
            ? `there are: ${known.join(", ")}.`
            : `did you mean "${prefix}${near}"?`,
      },
      inspect(value),
    );
  }
}
