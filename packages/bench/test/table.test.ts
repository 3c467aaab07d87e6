// Figures as people read them, without the part of Node that takes longest to begin.
import { expect, it } from "vitest";
import { bandwidthText, rateText } from "../src/output/table.ts";

it("rates have a comma between thousands, as in English", () => {
  const english = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  for (const rate of [
    0, 0.4, 0.5, 2.5, 9.49, 99, 999.5, 1000, 12_345.6, 1e6, 123_456_789,
  ])
    expect(rateText(rate)).toBe(english.format(rate));
});

it("bandwidths have a digit more where they are small, and none where nothing is moved", () => {
  const texts = [0, 1.25, 9.96, 10, 1234.5].map((mib) =>
    bandwidthText(mib * 2 ** 20),
  );
  expect(texts).toEqual(["-", "1.3", "10.0", "10", "1,235"]);
});
