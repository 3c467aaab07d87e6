// The C core's headers are those that the table of ops and the layout of a slot make now.
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { nativeHeaders } from "../../scripts/native-headers.ts";

const root = path.resolve(import.meta.dirname, "../..");

it.each(Object.entries(nativeHeaders()))(
  "%s is current (else: npm run emit:headers)",
  (file, text) => {
    expect(fs.readFileSync(path.join(root, file), "utf8")).toBe(text);
  },
);
