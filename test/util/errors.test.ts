// Every error of ours carries its code, the class that the table names, and a text with its details.
import { describe, expect, it } from "vitest";
import { misuse, misuseError, type MisuseCode } from "../../src/util/errors.ts";

describe("misuseError", () => {
  it.each(Object.keys(misuse) as MisuseCode[])("builds %s", (code) => {
    const build = misuseError as (
      code: MisuseCode,
      ...details: string[]
    ) => Error & { code: string };
    const error = build(code, "one", "two", "three");
    const [Base, text] = misuse[code] as unknown as [
      ErrorConstructor,
      (...details: string[]) => string,
    ];
    expect(error).toBeInstanceOf(Base);
    expect(error.code).toBe(code);
    const where = `node-eio/docs/errors.md#${code.toLowerCase()}`;
    expect(error.message).toBe(`${text("one", "two", "three")} (${where})`);
    expect(error.message).not.toContain("undefined");
  });

  it("names are alike", () => {
    for (const code of Object.keys(misuse)) expect(code).toMatch(/^ERR_EIO_/);
  });
});
