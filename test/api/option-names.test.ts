// Mistakes in options: what is wrong, what would be right, and that nothing else is taken for a mistake.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { nearestName } from "../../src/api/option-names.ts";

describe("createEio", () => {
  it.each<[unknown, string]>([
    [
      { maxParalell: 4 },
      'Option "maxParalell" must be a known one (did you mean "maxParallel"?). Received 4',
    ],
    [
      { lanes: { bulk: { max: 3 } } },
      'Option "lanes.bulk.max" must be a known one (did you mean "lanes.bulk.maxParallel"?). Received 3',
    ],
    [
      { slow: { afterMS: 3 } },
      'Option "slow.afterMS" must be a known one (did you mean "slow.afterMs"?). Received 3',
    ],
    [
      { isolateMounts: { sharp: 1 } },
      'Option "isolateMounts.sharp" must be a known one (did you mean "isolateMounts.share"?). Received 1',
    ],
    [
      { lanes: { bulk: { colour: "red" } } },
      "Option \"lanes.bulk.colour\" must be one of maxParallel, share. Received 'red'",
    ],
    [{ lanes: [] }, 'Option "lanes" must be an object. Received []'],
    [{ slow: null }, 'Option "slow" must be an object. Received null'],
    [4, 'Option "options" must be an object. Received 4'],
    [null, 'Option "options" must be an object. Received null'],
    ["pool", "Option \"options\" must be an object. Received 'pool'"],
    [
      { minParallel: 9, maxParallel: 2 },
      'Option "minParallel" must be at most maxParallel, which is 2. Received 9',
    ],
  ])("refuses %o", (options, message) => {
    expect(() => createEio(options as object)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION", message }),
    );
  });

  it("takes what is undefined, and more threads at all times than the default is at most", async () => {
    const eio = createEio({
      maxParallel: undefined,
      minParallel: 40,
    } as object);
    await eio.close();
  });
});

describe("the nearest name", () => {
  const known = ["signal", "timeout", "priority", "lane", "wd", "destWd"];
  it.each([
    ["priorty", "priority"],
    ["piority", "priority"],
    ["proirity", "priority"],
    ["Priority", "priority"],
    ["timeoutMs", "timeout"],
    ["time", "timeout"],
    ["lanes", "lane"],
    ["siganl", "signal"],
    ["destwd", "destWd"],
  ])("of %s is %s", (name, meant) => {
    expect(nearestName(name, known)).toBe(meant);
  });

  // What Node's own calls take.
  it.each(
    `encoding flag flags mode flush recursive withFileTypes bigint throwIfNoEntry fd start end autoClose emitClose
     highWaterMark fs filter force dereference errorOnExist preserveTimestamps verbatimSymlinks maxRetries retryDelay
     exclude cwd interval persistent buffer offset length position type bufferSize objectMode sync chunkSize
     followSymlinks`.split(/\s+/),
  )("of %s is none", (name) => {
    expect(nearestName(name, known)).toBeUndefined();
  });
});

describe("an option of a call that looks like ours", () => {
  const url = pathToFileURL(
    path.resolve(import.meta.dirname, "../../dist/index.js"),
  ).href;
  const program = `
    import { eio } from ${JSON.stringify(url)};
    for (const options of [{ priorty: 1 }, { priorty: 2 }, { encoding: "utf8", cwd: "." }])
      await eio.promises.readFile("/dev/null", options);
    await new Promise((resolve) => eio.fs.stat("/", { timeoutMs: 5 }, resolve));`;
  const run = (...flags: string[]): string =>
    spawnSync(
      process.execPath,
      [...flags, "--input-type=module", "-e", program],
      { encoding: "utf8" },
    ).stderr;

  it("is ignored, with a warning, once", () => {
    const warnings = run()
      .split("\n")
      .filter((line) => line.includes("EIO_OPTION"))
      .map((line) => line.replace(/^\(node:\d+\) /, ""));
    expect(warnings).toEqual([
      '[EIO_OPTION] Warning: The option "priorty" of a call is ignored; did you mean "priority"?',
      '[EIO_OPTION] Warning: The option "timeoutMs" of a call is ignored; did you mean "timeout"?',
    ]);
  });

  it("is ignored in silence where warnings are off", () => {
    expect(run("--no-warnings")).toBe("");
  });
});
