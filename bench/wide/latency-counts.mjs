// Latencies counted in buckets 2 % apart, which cost a logarithm to note and grow with nothing. What they are
// latencies of is not known here; limit.c counts its own in the same buckets.
const BUCKETS_PER_E = 50;
const BUCKETS = 1400;

export class LatencyCounts {
  #counts = new Uint32Array(BUCKETS);
  #total = 0;

  count(ms) {
    const ns = Math.max(1, ms * 1e6);
    const bucket = Math.round(Math.log(ns) * BUCKETS_PER_E);
    this.#counts[Math.min(bucket, BUCKETS - 1)]++;
    this.#total++;
  }

  percentileUs(percent) {
    let left = Math.ceil((this.#total * percent) / 100);
    const bucket = this.#counts.findIndex((count) => (left -= count) <= 0);
    return Math.exp(bucket / BUCKETS_PER_E) / 1000;
  }
}
