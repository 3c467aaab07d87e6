// Does the bench agree with itself? The same runs twice: the median of each must lie within the spread that
// the other one printed. Not a test: on a machine that others use, it may be their doing.
// Usage: node bench/self-check.mjs [options of the bench]
import { spawnSync } from "node:child_process";
import path from "node:path";

const cli = path.resolve(import.meta.dirname, "../dist/cli.js");
const usual = ["--rw", "randread", "--iodepth", "1,64", "--size", "64m"];
const given = process.argv.slice(2);

function once() {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, "bench", ...(given.length === 0 ? usual : given), "--json", "-"],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const [first, second] = [once(), once()];
const within = (median, { min, max }) => median >= min && median <= max;
let apart = 0;
first.outcomes.forEach(({ title, rows }, i) => {
  for (const row of rows) {
    const other = second.outcomes[i].rows.find(
      ({ subject }) => subject.name === row.subject.name,
    );
    if (other === undefined) continue;
    const agrees =
      within(row.rate.median, other.rate) ||
      within(other.rate.median, row.rate);
    if (!agrees) apart++;
    const text = ({ median, min, max }) =>
      [median, min, max]
        .map((value) => Math.round(value).toLocaleString("en-US"))
        .join(" / ");
    console.log(
      `${agrees ? "agree" : "APART"}  ${title}, ${row.subject.name}: ${text(row.rate)} and ${text(other.rate)}`,
    );
  }
});
console.log(
  apart === 0 ? "all agree" : `${apart} lie outside each other's spread`,
);
process.exitCode = apart === 0 ? 0 : 1;
