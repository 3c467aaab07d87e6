// The lines in which two texts differ, for people: what is gone, what is new, and below which line without indentation it stands.

/**
 * @param {string} before
 * @param {string} after
 * @returns {{ removed: number, added: number, text: string }}
 */
export function lineDiff(before, after) {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const changes = longestCommon(a.slice(start, endA), b.slice(start, endB));
  const lines = [];
  let heading = a.slice(0, start).findLast(isHeading);
  let shown;
  for (const [sign, line] of changes) {
    if (isHeading(line)) heading = line;
    if (sign === " ") continue;
    if (heading !== shown && heading !== line) lines.push(`  ${heading}`);
    shown = heading;
    lines.push(`${sign} ${line}`);
  }
  const count = (sign) => changes.filter(([its]) => its === sign).length;
  return { removed: count("-"), added: count("+"), text: lines.join("\n") };
}

const isHeading = (line) => /^[^\s})]/.test(line);

/** Both, line by line: kept (" "), gone ("-") or new ("+"). */
function longestCommon(a, b) {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  const changes = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      changes.push([" ", a[i++]]);
      j++;
    } else if (
      j === b.length ||
      (i < a.length &&
        lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
    )
      changes.push(["-", a[i++]]);
    else changes.push(["+", b[j++]]);
  }
  return changes;
}
