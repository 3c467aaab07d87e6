// Real applications under the bench: a batch program, servers that have to be stopped, with load and without, and one that
// fails; and what is said of waiting, by sums that are made up.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Observed, Total } from "../src/app/observed.ts";
import { totalOf } from "../src/app/observed.ts";
import { adviceOf, comparisonText, type Advice } from "../src/app/report.ts";
import { testFolder } from "../../../test/helpers/files.ts";
import { inProcess } from "./in-process.ts";

const folder = testFolder();

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

function bench(...args: string[]): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [path.resolve("dist/cli.js"), "bench", ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TMPDIR: folder.path },
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve) =>
    child.on("close", (status) => resolve({ status, stdout, stderr })),
  );
}

interface Report {
  total: Total;
  advice: Advice;
  took: Record<string, number[]> | null;
  says: string[];
}
const reportOf = ({ stdout }: { stdout: string }): Report =>
  JSON.parse(stdout) as Report;

const data = folder.file("data", "x".repeat(4096));
const READS = 300;
const batch = folder.file(
  "batch.mjs",
  `import fs from "node:fs/promises";
   for (let i = 0; i < ${READS}; i++) await fs.readFile(${JSON.stringify(data)});
   console.log("arguments:", process.argv.slice(2).join());`,
);
const server = (more: string): string => `import fs from "node:fs";
  import { createServer } from "node:http";
  const server = createServer((request, response) =>
    fs.readFile(${JSON.stringify(data)}, (error, data) => response.end(data)));
  ${more}`;
const listening = folder.file(
  "server.mjs",
  server(`server.listen(0, "127.0.0.1", () =>
    fs.writeFileSync(${JSON.stringify(folder.join("port"))}, String(server.address().port)));`),
);
const load = folder.file(
  "load.mjs",
  `import fs from "node:fs";
   const port = fs.readFileSync(${JSON.stringify(folder.join("port"))}, "utf8");
   for (let i = 0; i < ${READS}; i++)
     await (await fetch("http://127.0.0.1:" + port)).text();`,
);

/** On a busy machine a program may need longer to begin: then it is given twice the time. */
async function benchUntil(
  begun: (ended: Ended) => boolean,
  ...args: string[]
): Promise<Ended> {
  for (let seconds = 2; ; seconds *= 2) {
    const ended = await bench(...args, "--for", `${seconds}s`);
    if (begun(ended) || seconds > 60) return ended;
  }
}

const nothingLeft = (): void =>
  expect(
    fs.readdirSync(folder.path).filter((name) => name.startsWith("node-eio-")),
  ).toEqual([]);

describe("an application under the bench", () => {
  it("that ends by itself is timed to its end, with its arguments", async () => {
    const ended = await bench(
      "--app",
      batch,
      "--json",
      "-",
      "--",
      "--for",
      "a",
    );
    expect(ended.stderr).toContain("arguments: --for,a");
    expect(ended.status).toBe(0);
    const { total, says, took } = reportOf(ended);
    // Node itself may read a package.json with it.
    expect(total.ops["slurp"]!.calls).toBeGreaterThanOrEqual(READS);
    expect(total.ops["slurp"]!.failed).toBe(0);
    expect(total.ops["slurp"]!.runMs).toBeGreaterThan(0);
    expect(took).toBeNull();
    expect(says[0]).toMatch(/^Its 30\d file calls took .* each on average: /);
    expect(says[1]).toMatch(/^Most of it is readFile: 100 % /);
    nothingLeft();
  });

  it("that ends by itself is compared with node:fs", async () => {
    const { status, stdout } = await bench(
      "--app",
      batch,
      "--compare",
      "--verbose",
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /node-eio.* 3 rounds|with node:fs \(|with node-eio \(/,
    );
    expect(stdout).toMatch(/readFile +30\d +0 /);
    nothingLeft();
  });

  it("that serves is stopped when the time is over, with what it has done until then", async () => {
    const self = folder.file(
      "self.mjs",
      server(`server.listen(0, "127.0.0.1", async () => {
        const url = "http://127.0.0.1:" + server.address().port;
        const ask = async () => void (await (await fetch(url)).text());
        setInterval(ask, 50);
      });`),
    );
    const ended = await benchUntil(
      (ended) => ended.status !== 0 || "slurp" in reportOf(ended).total.ops,
      ...["--app", self, "--json", "-"],
    );
    expect({ ...ended, stdout: "" }).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(reportOf(ended).total.ops["slurp"]!.calls).toBeGreaterThan(0);
    nothingLeft();
  });

  it("that does not end when it is asked to is killed, with what it has started", async () => {
    const pid = folder.join("stubborn.pid");
    const stubborn = folder.file(
      "stubborn.mjs",
      `import fs from "node:fs";
       import { spawn } from "node:child_process";
       process.on("SIGTERM", () => console.log("no"));
       const child = spawn("sleep", ["1000"], { stdio: "ignore" });
       fs.writeFileSync(${JSON.stringify(pid)}, String(child.pid));
       setInterval(() => {}, 1000);`,
    );
    const ended = await benchUntil(
      () => fs.existsSync(pid),
      ...["--app", stubborn, "--compare"],
    );
    expect(ended.stderr).toBe("no\n");
    expect(ended.stdout).toContain("too few to say anything");
    expect(ended.stdout).toContain("Nothing was compared");
    expect(ended.status).toBe(0);
    const child = Number(fs.readFileSync(pid, "utf8"));
    expect(isRunning(child)).toBe(false);
  });

  it("that serves is loaded until the load ends, with either fs", async () => {
    const command = `${JSON.stringify(process.execPath)} ${JSON.stringify(load)}`;
    const ended = await bench(
      ...["--app", listening, "--load", command, "--compare"],
      ...["--rounds", "1", "--json", "-"],
    );
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    const { total, took, says } = reportOf(ended);
    expect(total.ops["slurp"]!.calls).toBeGreaterThanOrEqual(READS);
    expect(took!["node:fs"]).toHaveLength(1);
    expect(took!["node-eio"]).toHaveLength(1);
    expect(says.join(" ")).toContain("no more than a hint");
    nothingLeft();
  });

  it.each([
    ["fails", "process.exit(3);", [], /broken\.mjs ended with status 3/],
    [
      "fails before it takes connections",
      "process.exit(3);",
      ["--load", "true"],
      /ended before it took connections \(status 3\)/,
    ],
    [
      "is loaded in vain",
      server("server.listen(0);"),
      ["--load", "exit 4"],
      /--load ended with status 4/,
    ],
  ])("that %s is an error in one line", async (_what, text, more, says) => {
    const broken = folder.file("broken.mjs", text);
    const ended = await bench("--app", broken, ...more);
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).not.toContain("    at ");
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    nothingLeft();
  });

  it.each([
    [["--app", "/missing.js"], /--app \/missing\.js: there is no such file/],
    [["--app", batch, "--for", "never"], /--for: "never" is no time/],
    [["--app", batch, "--loud"], /Unknown option '--loud'/],
  ])("%j is refused", async (args, says) => {
    const ended = await inProcess(args);
    expect(ended.err).toMatch(says);
    expect(ended).toMatchObject({ status: 2, out: "" });
  });
});

/** A zombie that nobody has reaped yet does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX]/.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const op = (calls: number, waitMs: number, runMs: number) => ({
  calls,
  failed: 0,
  waitMs: calls * waitMs,
  runMs: calls * runMs,
  waitP99Ms: waitMs * 2,
  runP99Ms: runMs * 2,
});

/** Ten seconds of one process. */
function observed(more: Partial<Observed>): Observed {
  const ops = more.ops ?? {};
  const sum = (key: "waitMs" | "runMs"): number =>
    Object.values(ops).reduce((sum, op) => sum + op[key], 0);
  return {
    wallMs: 10_000,
    listens: true,
    loopBusyMs: 2000,
    ops,
    backends: { threads: 1000 },
    at: { ready: 1, running: 1, pending: 0 },
    inFlightMax: 40,
    workersMax: 8,
    threads: { cpuMs: 1, queuedMs: 1 },
    history: [1, 2, 3].map((part) => [
      (part * 10_000) / 3,
      (sum("waitMs") * part) / 3,
      (sum("runMs") * part) / 3,
    ]),
    ...more,
  };
}
const advice = (more: Partial<Observed>): Advice =>
  adviceOf(totalOf([observed(more)]));

describe("what is said of waiting", () => {
  it("is more threads where they all wait for a device and calls wait for them", () => {
    const { set, says } = advice({ ops: { stat: op(1000, 40, 20) } });
    expect(set).toBe("NODE_EIO_MAX_PARALLEL=40");
    expect(says[0]).toBe(
      "Its 1,000 file calls took 60 ms each on average: 67 % waiting for a thread or for their lane, 33 % waiting in the kernel, for a device or a lock.",
    );
    expect(says[2]).toContain("--compare measures whether it helps");
    expect(says[3]).toBe(
      "How sure: all 1,000 calls of 10.0 s were timed (with at most 8 threads); in the thirds of that time waiting was 67 % to 67 % of it.",
    );
  });

  it("is nothing where the threads wait for processors", () => {
    const { set, says } = advice({
      ops: { stat: op(1000, 10, 20) },
      threads: { cpuMs: 5000, queuedMs: 15_000 },
    });
    expect(set).toBeNull();
    expect(says[2]).toContain("the processors are busy");
  });

  it("is nothing where calls wait for work that the processors do", () => {
    const { set, says } = advice({
      ops: { stat: op(1000, 40, 20) },
      threads: { cpuMs: 20_000, queuedMs: 0 },
    });
    expect(set).toBeNull();
    expect(says[2]).toContain("more threads would not do it faster");
  });

  it("is nothing where the loop is busy, and says so", () => {
    const { set, says } = advice({
      ops: { stat: op(1000, 40, 1) },
      at: { ready: 0, running: 1, pending: 9 },
      loopBusyMs: 9500,
    });
    expect(set).toBeNull();
    expect(says[2]).toBe(
      "Set nothing: the event loop was busy 95 % of the time, and results wait for it; what helps is less work on the loop.",
    );
  });

  it("is a lane for what is long where short calls wait behind it", () => {
    const { says } = advice({
      ops: { slurp: op(500, 40, 60), stat: op(500, 50, 0.1) },
    });
    expect(says[2]).toContain("Give readFile a lane of its own");
    expect(says[2]).toContain(
      "stat runs for 100 us and waits for 50 ms, behind readFile, which runs for 60 ms.",
    );
  });

  it("is nothing where hardly a call is in progress", () => {
    const { says } = advice({ ops: { stat: op(1000, 0.1, 0.1) } });
    expect(says[2]).toContain("files are not what this program waits for");
  });

  it("is nothing where the device is what every call waits for", () => {
    const { set, says } = advice({ ops: { stat: op(1000, 1, 20) } });
    expect(set).toBeNull();
    expect(says[2]).toContain("calls wait for the device itself");
  });

  it("is no more than that it was too little, of a few calls", () => {
    const { says } = advice({ ops: { stat: op(5, 1, 1) } });
    expect(says[0]).toBe(
      "It made 5 file calls through fs in 10.0 s: too few to say anything.",
    );
  });

  it("is unsure where waiting comes and goes", () => {
    const { says } = advice({
      ops: { stat: op(1000, 40, 20) },
      history: [
        [1, 0, 10_000],
        [2, 1000, 20_000],
        [3, 40_000, 20_000],
      ],
    });
    expect(says[3]).toContain("which is not steady: observe it for longer");
  });

  it("adds up the processes of a program", () => {
    const one = observed({ ops: { stat: op(100, 1, 2) } });
    const { ops, calls, processes } = totalOf([one, one, observed({})]);
    expect({ calls, processes, stat: ops["stat"]!.calls }).toEqual({
      calls: 200,
      processes: 3,
      stat: 200,
    });
  });
});

describe("what is said of a comparison", () => {
  it.each([
    [
      [10, 10.2, 9.9],
      [5, 5, 5],
      "With node-eio it is 2.0 times as fast as with node:fs (1.98 to 2.04, in 3 rounds).",
    ],
    [
      [5, 5, 5],
      [10, 10.2, 9.9],
      "With node:fs it is 2.0 times as fast as with node-eio (1.98 to 2.04, in 3 rounds).",
    ],
    [
      [5, 9, 7],
      [7, 5, 9],
      "Between node-eio and node:fs 3 rounds show no difference (0.71 to 1.80 times as fast).",
    ],
    [
      [5],
      [4],
      "With node-eio it was 1.25 times as fast as with node:fs, which is no more than a hint: it takes at least 3 rounds.",
    ],
  ])("of %j s and %j s", (node, ours, says) => {
    expect(comparisonText({ "node:fs": node, "node-eio": ours })).toEqual([
      says,
    ]);
  });
});
