// The record of what files of tests gave: read again, with its last line cut off, and where nothing is kept.
import fs from "node:fs";
import { expect, it } from "vitest";
import { openRecord } from "../../scripts/support/suite-record.mjs";
import { testFolder } from "../helpers/folder.ts";

const folder = testFolder();
const outcomes = new Map([
  ["saves", true],
  ["reads", false],
]);

it("gives again what an earlier one was given, by its key", () => {
  const file = folder.join("record");
  openRecord(file).add(outcomes, "pino", 20, "basic.test.js");
  const record = openRecord(file);
  expect(record.get("pino", 20, "basic.test.js")).toEqual(outcomes);
  expect(record.get("pino", 24, "basic.test.js")).toBeUndefined();
});

it("leaves out a last line of which a part is missing, and goes on after it", () => {
  const file = folder.join("cut");
  openRecord(file).add(outcomes, "whole");
  openRecord(file).add(outcomes, "cut");
  fs.truncateSync(file, fs.statSync(file).size - 4);
  const record = openRecord(file);
  expect(record.get("cut")).toBeUndefined();
  record.add(outcomes, "later");
  const again = openRecord(file);
  expect(again.get("whole")).toEqual(outcomes);
  expect(again.get("later")).toEqual(outcomes);
});

it("keeps nothing in no file, but remembers", () => {
  const record = openRecord("");
  record.add(outcomes, "once");
  expect(record.get("once")).toEqual(outcomes);
});
