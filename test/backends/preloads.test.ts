// Which of the process's own arguments the pool's workers get.
import { describe, expect, it } from "vitest";
import { wordsOf, workerOptions } from "../../src/backends/preloads.ts";

const REGISTER = "node-eio/register";

describe("a worker's arguments", () => {
  it.each([
    [["--import", REGISTER], []],
    [[`--import=${REGISTER}`, "--no-warnings"], ["--no-warnings"]],
    [
      ["-r", REGISTER, "--require", "./other.cjs"],
      ["--require", "./other.cjs"],
    ],
    [
      ["--import", REGISTER, "--import=./hooks.mjs", "-C", "development"],
      ["--import=./hooks.mjs", "-C", "development"],
    ],
  ])("%j are %j, without the register door", (args, left) => {
    expect(workerOptions(args, {}).execArgv).toEqual(left);
  });

  it.each([
    ["--max-old-space-size=512"],
    ["--expose-gc"],
    ["--stack-trace-limit=50"],
    ["--title=app"],
    ["--title", "app"],
  ])("are without %s, with which no worker may be started", (...flag) => {
    const args = [...flag, "--import", REGISTER, "--no-warnings"];
    expect(workerOptions(args, {}).execArgv).toEqual(["--no-warnings"]);
  });

  it("are the process's own where none loads the register door", () => {
    const args = ["--max-old-space-size=100", "--import", "tsx"];
    const env = { NODE_OPTIONS: "--no-warnings" };
    expect(workerOptions(args, env)).toEqual({});
    expect(workerOptions(["--import"], {})).toEqual({});
    expect(workerOptions([], {})).toEqual({});
  });

  it("are the process's own under the permission model, which a worker with others would not keep to", () => {
    const args = ["--permission", "--import", REGISTER];
    expect(workerOptions(args, {}, { has: () => true })).toEqual({});
  });

  it("and NODE_OPTIONS are filtered together", () => {
    const env = {
      A: "1",
      NODE_OPTIONS: `--max-old-space-size=9 --no-warnings --import ${REGISTER} -r "/a b/c.cjs"`,
    };
    expect(workerOptions(["--expose-gc"], env)).toEqual({
      execArgv: [],
      env: { A: "1", NODE_OPTIONS: '--no-warnings -r "/a b/c.cjs"' },
    });
  });
});

describe("the words of NODE_OPTIONS", () => {
  it.each([
    ["", []],
    ["  --a   --b=1 ", ["--a", "--b=1"]],
    ['--require "./a b.js" --c', ["--require", "./a b.js", "--c"]],
    ['--require="./a b.js"', ["--require=./a b.js"]],
    [String.raw`"a\"b\\c"`, [String.raw`a"b\c`]],
  ])("%j", (options, words) => expect(wordsOf(options)).toEqual(words));
});
