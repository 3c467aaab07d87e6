// Codes are part of the contract with the workers and with native code: a change here is deliberate.
import { describe, expect, it } from "vitest";
import {
  nameByCode,
  opByCode,
  opNames,
  ops,
  registers,
  type OpName,
} from "../../src/ops/table.ts";
import { registersOf } from "../../src/ops/kinds.ts";
import { execute } from "../../workers/execute.ts";

describe("the table of ops", () => {
  it("has stable codes", () => {
    const codes = Object.fromEntries(
      opNames.map((name) => [name, ops[name].code]),
    );
    expect(codes).toMatchSnapshot();
  });

  it("has unique codes that fit a byte", () => {
    const codes = opNames.map((name) => ops[name].code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) {
      expect(code).toBeGreaterThan(0);
      expect(code).toBeLessThan(256);
    }
  });

  it.each(opNames)("%s has an executor", (name) => {
    expect(execute[name]).toBeTypeOf("function");
  });

  it("has an op for every executor", () => {
    expect(Object.keys(execute).sort()).toEqual([...opNames].sort());
  });

  it.each(opNames)("%s is found by its code", (name) => {
    expect(opByCode[ops[name].code]).toBe(ops[name]);
    expect(nameByCode[ops[name].code]).toBe(name);
  });

  it.each(opNames)("%s uses each register once", (name) => {
    const used = registers[name];
    expect(used).toHaveLength(ops[name].params.length);
    expect(new Set(used).size).toBe(used.length);
  });

  it.each(opNames)("%s says what it does in one sentence", (name) => {
    expect(ops[name].about).toMatch(/^[A-Z].*\.$/);
    expect(ops[name].syscall).toMatch(/^[a-z0-9_]+$/);
  });

  it("undoes only with ops that take one descriptor", () => {
    for (const name of opNames) {
      const op = ops[name] as { undo?: string; result: string };
      if (op.undo === undefined) continue;
      expect(op.result).toBe("fd");
      expect(registers[op.undo as OpName]).toEqual(["fd"]);
    }
  });

  it("undoes every op that gives a descriptor", () => {
    for (const name of opNames)
      if (ops[name].result === "fd") expect(ops[name]).toHaveProperty("undo");
  });
});

describe("registersOf", () => {
  it("gives numbers a to d in order, paths path and path2", () => {
    expect(
      registersOf([
        ["from", "path", "read"],
        ["to", "path", "write"],
        ["one", "mode"],
        ["two", "flags"],
        ["three", "id"],
        ["four", "length"],
        ["bytes", "from"],
      ]),
    ).toEqual(["path", "path2", "a", "b", "c", "d", "data"]);
  });

  it("refuses a fifth number", () => {
    const five = ["a", "b", "c", "d", "e"].map(
      (name) => [name, "mode"] as const,
    );
    expect(() => registersOf(five)).toThrow("No register left for e");
  });
});
