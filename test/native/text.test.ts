// Files as texts: what is UTF-8 and what is not, native code says it as Buffer does.
import fs from "node:fs";
import { afterAll, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const { available } = listBackends().threads;
const eio = createEio(available ? { backend: "threads" } : {});
afterAll(() => eio.close());

const texts = [
  ...[
    "",
    "plain",
    "grüße",
    "\u07ff\u0800\ud7ff\ue000\uffff",
    "\u{10000}\u{10ffff}",
  ],
  "x".repeat(70_000) + "ü",
].map((text) => Buffer.from(text).toString("hex"));
/** Cut off, overlong, surrogates, beyond the last character, and bytes that are in none. */
const others = [
  ...["c3", "e282", "f09f98", "80", "bf", "ff", "fe", "f8808080"],
  ...["c080", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf"],
  ...["eda080", "edbfbf", "f4908080", "f5808080"],
  ...["c3c3", "e28228", "e2c382", "f0289f98", "f09f2898", "f09f9828"],
];

it.skipIf(!available).each([...texts, ...others])("%.40s", async (hex) => {
  const bytes = Buffer.concat([Buffer.from(hex, "hex"), Buffer.from("z")]);
  const file = folder.file("text", bytes);
  expect(await eio.promises.readFile(file, "utf8")).toBe(bytes.toString());
  fs.rmSync(file);
});
