// Who must not let go of something while a request works on it. It does not know what the request does.
import type { Owner } from "../../request/request.ts";

/** Both are held, and both are let go. */
export function retainBoth(one: Owner | null, two: Owner | null): Owner | null {
  if (one === null || two === null) return one ?? two;
  return {
    hold: () => (one.hold(), two.hold()),
    drop: () => (one.drop(), two.drop()),
  };
}
