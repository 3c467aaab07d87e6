// Who comes when in a round: all benches that compare take it from here. It knows no subject.

/** The subjects in the order of a round, each time another one first: what drifts meanwhile hits all of them alike. */
export function inTurn<T>(all: readonly T[], round: number): T[] {
  const first = all.length === 0 ? 0 : round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}
