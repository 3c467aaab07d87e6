// Puts functions of ours in the place of Node's on the modules that everybody shares, and takes
// them away again. It knows two objects and which keys differ, and no function by name.
import { syncBuiltinESMExports } from "node:module";

type Functions = Record<string, unknown>;

interface Place {
  on: Functions;
  name: string;
  before: unknown;
  ours: unknown;
}

/** What of `ours` is to stand in for `nodes`: functions that differ and that Node has, too. */
function* differing(ours: Functions, nodes: Functions): Generator<Place> {
  for (const name of Object.keys(nodes)) {
    // Nothing else is read: a getter of Node's may do something (process.stdin).
    if (typeof ours[name] !== "function") continue;
    // Read first: what Node loads late is an accessor until then.
    const before = nodes[name];
    if (typeof before !== "function") continue;
    const { writable } = Object.getOwnPropertyDescriptor(nodes, name)!;
    const settable = writable ?? name in settableByAccessor;
    if (ours[name] !== before && settable)
      yield { on: nodes, name, before, ours: ours[name] };
  }
}

/** Node has these as accessors that can be set. */
const settableByAccessor = {
  ReadStream: true,
  WriteStream: true,
  FileReadStream: true,
  FileWriteStream: true,
};

/** Returns the function that undoes it; what somebody else has replaced since is left to him. */
export function patch(
  pairs: readonly (readonly [ours: object, nodes: object])[],
): () => void {
  const places = pairs.flatMap(([ours, nodes]) => [
    ...differing(ours as Functions, nodes as Functions),
  ]);
  for (const { on, name, ours } of places) on[name] = ours;
  syncBuiltinESMExports();
  return () => {
    for (const { on, name, before, ours } of places)
      if (on[name] === ours) on[name] = before;
    syncBuiltinESMExports();
  };
}
