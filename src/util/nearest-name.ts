// Which of the names that are known somebody is likely to have meant by one that is not. It does not know what they name.

/** How many letters may be wrong, missing or too many: one in so many. */
const LETTERS_PER_MISTAKE = 3;

/** How many letters have to be changed, added, left out or swapped with the next to make one of the other. */
function distance(a: string, b: string): number {
  let [before, row] = [
    [] as number[],
    Array.from({ length: b.length + 1 }, (_, j) => j),
  ];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        row[j - 1]! + (same ? 0 : 1),
        row[j]! + 1,
        next[j - 1]! + 1,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** Of a name that says which end of a range it is: the end, and the rest. */
const BOUND = /^(min|max)([A-Z].*)$/;

/** The known name that somebody is likely to have meant. */
export function nearestName(
  name: string,
  known: readonly string[],
): string | undefined {
  const [, end, rest] = BOUND.exec(name) ?? [];
  if (end === undefined || rest === undefined) return nearest(name, known);
  // Two letters make one of the other, and it means the opposite.
  const opposite = end === "min" ? "max" : "min";
  return (
    nearest(
      name,
      known.filter((other) => BOUND.exec(other)?.[1] !== opposite),
    ) ?? nearest(rest, known)
  );
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const meant = name.toLowerCase();
  const begun = known.find((candidate) => {
    const whole = candidate.toLowerCase();
    return (
      whole !== meant && (whole.startsWith(meant) || meant.startsWith(whole))
    );
  });
  let closest: string | undefined;
  let mistakes = Math.ceil(name.length / LETTERS_PER_MISTAKE);
  for (const candidate of known) {
    const apart = distance(meant, candidate.toLowerCase());
    if (apart < mistakes) [closest, mistakes] = [candidate, apart];
  }
  return closest ?? begun;
}
