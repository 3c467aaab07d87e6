// What is reported of a request that hangs: a fifo that nobody writes to.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();

describe("stuck()", () => {
  it("reports a request that was aborted until it has let go, with its path", async () => {
    const fifo = folder.join("fifo");
    execFileSync("mkfifo", [fifo]);
    const eio = createEio({ stuckAfterMs: 10 });
    const controller = new AbortController();
    const { signal } = controller;
    const opening = eio.promises.open(fifo, "r", null, { signal });
    await until(() => eio.stuck().length === 1);
    const reported = { op: "open", path: fifo, lane: "default", priority: 0 };
    expect(eio.stuck()).toMatchObject([{ ...reported, abandoned: false }]);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ name: "AbortError" });
    expect(eio.stuck()).toMatchObject([{ ...reported, abandoned: true }]);
    fs.closeSync(fs.openSync(fifo, fs.constants.O_RDWR));
    await until(() => eio.stuck().length === 0);
    await eio.close();
  });
});
