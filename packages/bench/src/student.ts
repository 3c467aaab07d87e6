// Student's t distribution: how far the mean of a few values may lie from nothing by chance. It knows neither rates
// nor rounds.

/** The share of samples that lie beyond `t` on either side by chance (Abramowitz and Stegun 26.7.3 and 26.7.4). */
export function beyond(t: number, degrees: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const odd = degrees % 2 === 1;
  let term = odd ? cos : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let i = odd ? 3 : 2; i < degrees; i += 2) {
    term *= (cos * cos * (i - 1)) / i;
    sum += term;
  }
  return 1 - (odd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum);
}

const FAR = 1e6;
const HALVINGS = 60;

/** The `t` beyond which lies `share` of all samples. */
export function limit(share: number, degrees: number): number {
  let [low, high] = [0, FAR];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (beyond(middle, degrees) > share) low = middle;
    else high = middle;
  }
  return high;
}
