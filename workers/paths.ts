// The path of a request as Node's sync functions take it best.
import type { Frame } from "./frame.ts";

/** A string where the path is one: Node is faster with them, and needs them to resolve types. */
export function pathOf(f: Frame): string {
  const text = f.path.toString();
  return text.includes("\ufffd")
    ? (Buffer.from(f.path) as unknown as string)
    : text;
}
