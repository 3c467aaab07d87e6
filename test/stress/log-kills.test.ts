// A slice of `npm run test:log-kills`: processes that append to one log, killed one after the other.
import { expect, it } from "vitest";
import { times } from "../helpers/part.ts";
import { killAll } from "./log-kills.mjs";

const KILLS = times(6, 2);

it("a log has each record that a killed process acknowledged, once, and nothing that none wrote", async () => {
  const found = await killAll({ kills: KILLS });
  expect(found).toMatchObject({ kills: KILLS, lost: 0, wrong: 0 });
  expect(found.acknowledged).toBeGreaterThan(KILLS);
  expect(found.read).toBeGreaterThanOrEqual(found.acknowledged);
});
