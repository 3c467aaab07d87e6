// A log that is closed while records are still being written: they are acknowledged, and whoever follows the log reads them before the
// iteration ends.
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const faults = plan({
  // The first write is that of the segment's head.
  rules: [{ op: "writes", after: 1, times: 1, then: { hang: true } }],
});
const eio = createEio({ faults });
afterAll(() => eio.close());

describe("a reader that comes to the end of a log that is being closed", () => {
  it("reads what was appended before that", async () => {
    const log = await eio.appendLog(folder.join("log"));
    const appended = ["one", "two"].map((text) => log.append(text));
    const isHeld = () => faults.trace.some(({ fault }) => fault !== null);
    await until(isHeld);
    const closes = () => faults.trace.filter(({ op }) => op === "close").length;
    const before = closes();
    const closing = log.close();
    const found: string[] = [];
    const following = (async () => {
      for await (const { data } of log.read({ follow: true }))
        found.push(data.toString());
    })();
    // It has read the segment to its end.
    await until(() => closes() > before);
    await eio.promises.stat(folder.path);
    faults.release();
    await Promise.all([...appended, closing, following]);
    expect(found).toEqual(["one", "two"]);
  });
});
