// Mistakes in options: what is wrong, what would be right, and that nothing else is taken for a mistake.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { nearestName } from "../../src/util/nearest-name.ts";

/** What a wrong option is refused with: its message ends with where it is explained. */
const refusal = (says: string): Error =>
  expect.objectContaining({
    code: "ERR_EIO_INVALID_OPTION",
    message: `${says} (node-eio/docs/errors.md#err_eio_invalid_option)`,
  }) as Error;

describe("createEio", () => {
  it.each<[unknown, string]>([
    [
      { maxParalell: 4 },
      'There is no option "maxParalell"; did you mean "maxParallel"? Received 4',
    ],
    [
      { lanes: { bulk: { max: 3 } } },
      'There is no option "lanes.bulk.max"; did you mean "lanes.bulk.maxParallel"? Received 3',
    ],
    [
      { slow: { afterMS: 3 } },
      'There is no option "slow.afterMS"; did you mean "slow.afterMs"? Received 3',
    ],
    [
      { isolateMounts: { sharp: 1 } },
      'There is no option "isolateMounts.sharp"; did you mean "isolateMounts.share"? Received 1',
    ],
    [
      { lanes: { bulk: { colour: "red" } } },
      "There is no option \"lanes.bulk.colour\"; there are: maxParallel, share. Received 'red'",
    ],
    [{ lanes: [] }, 'Option "lanes" must be an object. Received []'],
    [{ slow: null }, 'Option "slow" must be an object. Received null'],
    [4, 'Option "options" must be an object. Received 4'],
    [null, 'Option "options" must be an object. Received null'],
    [{ ageing: 1 }, 'Option "ageing" must be a boolean. Received 1'],
    [{ fdGate: "no" }, "Option \"fdGate\" must be a boolean. Received 'no'"],
    [
      { isolateMounts: 4 },
      'Option "isolateMounts" must be a boolean or an object. Received 4',
    ],
    [
      { slow: { afterMs: 1, stack: 1 } },
      'Option "slow.stack" must be a boolean. Received 1',
    ],
    [
      { backend: null },
      'Option "backend" must be the name of a backend, or a simulated disk of node-eio/faults. Received null',
    ],
    [
      { resourceLimits: { maxOldGenerationSize: 9 } },
      'There is no option "resourceLimits.maxOldGenerationSize"; did you mean "resourceLimits.maxOldGenerationSizeMb"? Received 9',
    ],
    [
      { resourceLimits: { maxOldGenerationSizeMb: "64" } },
      "Option \"resourceLimits.maxOldGenerationSizeMb\" must be a number of MiB, above 0. Received '64'",
    ],
    [
      { resourceLimits: { stackSizeMb: -1 } },
      'Option "resourceLimits.stackSizeMb" must be a number of MiB, above 0. Received -1',
    ],
    ["pool", "Option \"options\" must be an object. Received 'pool'"],
    [
      { minParallel: 9, maxParallel: 2 },
      'Option "minParallel" must be at most maxParallel, which is 2. Received 9',
    ],
    [
      { timeout: 5 },
      'There is no option "timeout"; it is an option of each call, not of an instance. Received 5',
    ],
    [
      { timeoutMs: 5 },
      'There is no option "timeoutMs"; "timeout" is an option of each call, not of an instance. Received 5',
    ],
    [
      { deadline: 5 },
      'There is no option "deadline"; "timeout" is an option of each call, not of an instance. Received 5',
    ],
    [
      { threads: 4 },
      'There is no option "threads"; did you mean "maxParallel"? Received 4',
    ],
    [
      { allocBytes: 4096 },
      'Option "allocBytes" must be 0, or at least 16777216. Received 4096',
    ],
  ])("refuses %o", (options, message) => {
    expect(() => createEio(options as object)).toThrow(refusal(message));
  });

  it("names the backend that is likely to be meant", () => {
    expect(() => createEio({ backend: "urign" as "uring" })).toThrow(
      /there is no such backend; did you mean "uring"\?/,
    );
    expect(() => createEio({ backend: "best" as "uring" })).toThrow(
      /there is no such backend; there are auto, threads, pool, /,
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

describe("a call that only we have", () => {
  let eio: Eio;
  beforeEach(() => {
    eio = createEio({ maxParallel: 2 });
  });
  afterEach(() => eio.close());

  const calls: Record<string, (options: never) => unknown> = {
    wd: (options) => eio.wd("/", options),
    writeFileAtomic: (options) => eio.writeFileAtomic("/none/a", "", options),
    custom: (options) => eio.custom("node:path", [], options),
    statMany: (options) => eio.statMany([], options),
    readFiles: (options) => eio.readFiles([], options),
    readMany: (options) => eio.readMany(0, [], options),
    openDirect: (options) => eio.openDirect("/", "r", null, options),
    sendFile: (options) => eio.sendFile(new PassThrough(), "/", options),
    alloc: (options) => eio.alloc(1, options),
    group: (options) => eio.group(options),
    map: (options) => eio.group().map([], () => 1, options),
    mapSettled: (options) => eio.group().mapSettled([], () => 1, options),
    readLog: (options) => eio.readLog("/none", options),
    onTimed: (options) => eio.onTimed(() => {}, options),
    lock: (options) => eio.lock("/none/a", options),
    leaseLock: (options) => eio.leaseLock("/none/a", options),
    setLimits: (options) => eio.setLimits(options),
    setPollLimits: (options) => eio.setPollLimits(options),
  };

  it.each<[name: string, given: string, meant: string]>([
    ["wd", "benaeth", "beneath"],
    ["writeFileAtomic", "durabel", "durable"],
    ["custom", "nam", "name"],
    ["statMany", "priorty", "priority"],
    ["statMany", "deadline", "timeout"],
    ["sendFile", "abortSignal", "signal"],
    ["readFiles", "encodin", "encoding"],
    ["readMany", "mergeGap", "mergeGapBytes"],
    ["openDirect", "falback", "fallback"],
    ["sendFile", "ends", "end"],
    ["alloc", "aling", "align"],
    ["group", "timeoutMs", "timeout"],
    ["map", "limt", "limit"],
    ["mapSettled", "limits", "limit"],
    ["readLog", "folow", "follow"],
    ["onTimed", "al", "all"],
    ["lock", "sharde", "shared"],
    ["leaseLock", "leaseMS", "leaseMs"],
    ["setLimits", "maxParalel", "maxParallel"],
    ["setPollLimits", "maxPollReq", "maxPollReqs"],
  ])("%s refuses %s, and names %s", async (name, given, meant) => {
    await expect(
      (async () => await calls[name]!({ [given]: 1 } as never))(),
    ).rejects.toThrow(
      refusal(
        `There is no option "${given}"; did you mean "${meant}"? Received 1`,
      ),
    );
  });

  it.each(Object.keys(calls))("%s refuses null", async (name) => {
    await expect(
      (async () => await calls[name]!(null as never))(),
    ).rejects.toThrow(
      refusal('Option "options" must be an object. Received null'),
    );
  });

  it.each<[call: string, (eio: Eio) => Promise<unknown>, message: string]>([
    [
      "stat a path that is in no array",
      (eio) => eio.statMany("/" as never),
      "The \"paths\" argument must be an array. Received type string ('/')",
    ],
    [
      "read a path that is in no array",
      (eio) => eio.readFiles("/" as never),
      "The \"paths\" argument must be an array. Received type string ('/')",
    ],
    [
      "read a range that is in no array",
      (eio) => eio.readMany(0, { position: 0, length: 1 } as never),
      'The "ranges" argument must be an array. Received an instance of Object',
    ],
    [
      "run a function",
      (eio) => eio.custom(function task() {} as never),
      'The "module" argument must be of type string or an instance of URL: a function cannot be sent to another thread, the name of its module can. Received function task',
    ],
    [
      "run with options in the place of arguments",
      (eio) => eio.custom("node:path", { name: "join" } as never),
      'The "args" argument must be an array. Received an instance of Object',
    ],
  ])("refuses to %s", async (_call, call, message) => {
    await expect(call(eio)).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
      message,
    });
  });

  it.each<[option: string, (eio: Eio) => unknown]>([
    ["bigint", (eio) => eio.statMany([], { bigint: 1 as never })],
    [
      "fallback",
      (eio) => eio.openDirect("/", "r", null, { fallback: 1 as never }),
    ],
    ["all", (eio) => eio.onTimed(() => {}, { all: 1 as never })],
  ])("refuses a number for the switch %s", async (option, call) => {
    await expect((async () => await call(eio))()).rejects.toThrow(
      refusal(`Option "${option}" must be a boolean. Received 1`),
    );
  });

  it.each([
    ["text in no encoding", { encoding: "utf9" }],
    ["text in no encoding, given by itself", "utf9"],
  ])("readFiles refuses %s as a whole", async (_what, options) => {
    await expect(eio.readFiles(["/none"], options as never)).rejects.toThrow(
      refusal(
        "Option \"encoding\" must be an encoding or null. Received 'utf9'",
      ),
    );
  });

  it.each<[what: string, (eio: Eio) => Promise<unknown>, message: string]>([
    [
      "a group runs what is no function",
      (eio) => eio.group().run("work" as never),
      "The \"work\" argument must be of type function. Received type string ('work')",
    ],
    [
      "a tree is watched with a signal that is none",
      async (eio) => await eio.watchTree("/", { signal: 4 as never }).ready,
      'The "options.signal" property must be an instance of AbortSignal. Received type number (4)',
    ],
  ])("%s: that is refused", async (_what, call, message) => {
    await expect(call(eio)).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
      message,
    });
  });

  it.each([4, true, null])(
    "a use of the cache that is %o is refused, and an object is left to Node",
    async (cache) => {
      await expect(
        eio.promises.readFile("/dev/null", { cache: cache as never }),
      ).rejects.toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
      await eio.promises.realpath("/", { cache: {} } as never);
    },
  );

  it("why names the op that readFile is", () => {
    expect(() => eio.why("readFile" as never)).toThrow(
      refusal(
        'Option "op" must be the name of an op (did you mean "slurp"?). Received \'readFile\'',
      ),
    );
  });

  it("setLimits refuses more threads at all times than there may be", () => {
    expect(() => eio.setLimits({ minParallel: 3, maxParallel: 2 })).toThrow(
      refusal(
        'Option "minParallel" must be at most maxParallel, which is 2. Received 3',
      ),
    );
    eio.setLimits({ minParallel: 1, maxParallel: 0 }); // a pause
    eio.setLimits({ maxParallel: 2 });
  });

  it("on and once refuse an event that there is not", () => {
    for (const listen of ["on", "once"] as const)
      expect(() => eio[listen]("stuk" as "stuck", () => {})).toThrow(
        refusal(
          'Option "event" must be the only one that there is, "stuck". Received \'stuk\'',
        ),
      );
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

  it.each([
    ["maxThreads", ["minThreads", "threads"], "threads"],
    ["maxThreads", ["minThreads"], undefined],
    ["minParalel", ["maxParallel", "minParallel"], "minParallel"],
    ["max", ["minThreads", "maxThreads"], "maxThreads"],
  ])("of %s among %j is %s: never the opposite", (name, others, meant) => {
    expect(nearestName(name, others)).toBe(meant);
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
    await eio.promises.readFile("/dev/null", { deadline: 4 });
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
      '[EIO_OPTION] Warning: The option "deadline" of a call is ignored; did you mean "timeout"?',
      '[EIO_OPTION] Warning: The option "timeoutMs" of a call is ignored; did you mean "timeout"?',
    ]);
  });

  it("is ignored in silence where warnings are off", () => {
    expect(run("--no-warnings")).toBe("");
  });

  it("is ignored in silence where its code is off", () => {
    const { allowedNodeEnvironmentFlags: known } = process;
    if (!known.has("--disable-warning")) return;
    expect(run("--disable-warning=EIO_OPTION")).toBe("");
  });
});

describe("a variable that looks like one of ours", () => {
  const url = pathToFileURL(
    path.resolve(import.meta.dirname, "../../dist/index.js"),
  ).href;
  const warningsWith = (variable: string): string[] => {
    const program = `import { eio } from ${JSON.stringify(url)}; await eio.nop();`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", program],
      { encoding: "utf8", env: { ...process.env, [variable]: "4" } },
    );
    expect(status).toBe(0);
    return stderr.split("\n").filter((line) => line.includes("EIO_OPTION"));
  };

  it("is ignored, with a warning that names the one that is meant", () => {
    expect(warningsWith("NODE_EIO_MAX_PARALELL")).toEqual([
      expect.stringContaining(
        "The variable NODE_EIO_MAX_PARALELL is ignored; did you mean NODE_EIO_MAX_PARALLEL?",
      ),
    ]);
  });

  it("is ignored in silence where it may be somebody else's", () => {
    expect(warningsWith("NODE_EIO_COLOUR")).toEqual([]);
    expect(warningsWith("NODE_EIO_MAX_PARALLEL")).toEqual([]);
  });
});
