// The part of many like cases that a run takes: another each day, and all of them with EIO_WHOLE=1 (npm run test:whole, and before a
// release). For what takes long and rarely fails alone; it knows no case.

export const isWhole = process.env["EIO_WHOLE"] === "1";
const DAY_MS = 86_400_000;
const day = Math.floor(Date.now() / DAY_MS);

/** One of so many parts; `shift` makes it another one for each of several lists. */
export const todays = <T>(
  cases: readonly T[],
  parts: number,
  shift = 0,
): T[] =>
  isWhole
    ? [...cases]
    : cases.filter((_, i) => (i + day + shift) % parts === 0);

/** How often what only chance shows is repeated. */
export const times = (whole: number, parts = 5): number =>
  isWhole ? whole : Math.ceil(whole / parts);
