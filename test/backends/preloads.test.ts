// Which of the process's own arguments the pool's workers get.
import { describe, expect, it } from "vitest";
import { withoutRegister, workerOptions } from "../../src/backends/preloads.ts";

describe("a worker's arguments", () => {
  it.each([
    [["--import", "node-eio/register"], []],
    [["--import=node-eio/register", "--no-warnings"], ["--no-warnings"]],
    [
      ["-r", "node-eio/register", "--require", "./other.cjs"],
      ["--require", "./other.cjs"],
    ],
    [["--max-old-space-size=100", "--import", "tsx"], null],
    [["--import"], null],
    [[], null],
  ])("%j", (args, left) => {
    if (left === null) expect(withoutRegister(args)).toBe(args);
    else expect(withoutRegister(args)).toEqual(left);
  });

  it("and NODE_OPTIONS are left alone where the register door is not in them", () => {
    expect(workerOptions([], { NODE_OPTIONS: "--no-warnings" })).toEqual({});
    expect(workerOptions([], {})).toEqual({});
  });

  it("and NODE_OPTIONS are told without it", () => {
    const env = {
      A: "1",
      NODE_OPTIONS: "--no-warnings --import node-eio/register",
    };
    expect(workerOptions(["-r", "node-eio/register"], env)).toEqual({
      execArgv: [],
      env: { A: "1", NODE_OPTIONS: "--no-warnings" },
    });
  });
});
