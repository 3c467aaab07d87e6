// What a door, or the command, fails with when a package behind it is not installed. It does not
// know which packages there are.
import { misuseError } from "./errors.ts";

/** What to throw for the error that loading the package `name` failed with: an error about anything else stays as it is. */
export function notInstalled(
  door: string,
  name: string,
  error: unknown,
  why?: string,
): unknown {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  const [first = ""] = message.split("\n", 1);
  return code.endsWith("MODULE_NOT_FOUND") && first.includes(name)
    ? misuseError("ERR_EIO_NOT_INSTALLED", door, name, why)
    : error;
}
