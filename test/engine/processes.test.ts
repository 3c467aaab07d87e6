// Whole processes: an idle one ends by itself, a busy one only after its request, exit() at once; and
// what 100,000 requests at a time cost.
import { spawn } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { bundle } from "../helpers/bundle.mjs";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const program = bundle("test/helpers/child.ts");
const MEMORY_MAX_BYTES = 110e6;

interface Ended {
  code: number | null;
  lines: string[];
  errors: string;
}

const children = new Set<ReturnType<typeof spawn>>();
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** Runs one program of child.ts; `said` is called with each line. */
function live(
  args: string[],
  said: (line: string) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args]);
  children.add(child);
  const ended: Ended = { code: null, lines: [], errors: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.trim().split("\n")) {
      ended.lines.push(line);
      said(line);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ended.errors += text;
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      children.delete(child);
      resolve({ ...ended, code });
    }),
  );
}

const well = (...lines: string[]): Ended => ({ code: 0, lines, errors: "" });

describe("a process", () => {
  it("that is idle ends by itself", async () => {
    expect(await live(["idle"])).toEqual(well("idle"));
  });

  it("that made no request ends by itself", async () => {
    expect(await live(["never"])).toEqual(well());
  });

  it("that is busy ends after its request, not before", async () => {
    const gate = new Gate(folder, "busy");
    const ended = await live(["busy", gate.path], (line) => {
      if (line === "begun") void gate.release();
    });
    expect(ended).toEqual(well("begun", "settled"));
  });

  it("that sleeps until its worker rings is kept alive", async () => {
    expect(await live(["armed"])).toEqual(well("settled"));
  });

  it("exits at once while work is running", async () => {
    const ended = await live(["exitBusy"]);
    expect(ended).toMatchObject({ code: 7, lines: ["exiting"] });
  });

  // Node waits for a thread in a system call before it exits, as it does for its own pool's.
  it.each(["exitHung", "abandoned"])(
    "exits when a request that hangs lets go (%s)",
    async (life) => {
      const gate = new Gate(folder, life);
      const { code, errors } = await live([life, gate.path], () => {
        void gate.release();
      });
      expect({ code, errors }).toEqual({
        code: life === "exitHung" ? 7 : 0,
        errors: "",
      });
    },
  );

  it("ends when its last request is given up", async () => {
    expect(await live(["abandonedBusy"])).toEqual(well("given up -125"));
  });

  it("ends once close() is done, when it awaits that", async () => {
    expect(await live(["close"])).toEqual(well("closed"));
    expect(await live(["closeAtOnce"])).toEqual(well("closed"));
  });

  it("is not kept alive by what was cancelled in a paused pool", async () => {
    expect(await live(["pausedAndCancelled"])).toEqual(well("cancelled"));
  });

  it("may have engines in several threads", async () => {
    expect(await live(["threads"])).toEqual(well("exits 0,0,0"));
  });

  it("can terminate a thread with requests in flight", async () => {
    expect(await live(["terminate"])).toEqual(
      well("terminated 1", "terminated 1", "terminated 1"),
    );
  });

  it("queues 100,000 requests at once in less than 110 MB", async () => {
    const { code, lines } = await live(["memory", folder.path, "100000"]);
    expect(code).toBe(0);
    const { settled, grownBytes } = JSON.parse(lines[0]!) as {
      settled: number;
      grownBytes: number;
    };
    expect(settled).toBe(100_000);
    expect(grownBytes).toBeLessThan(MEMORY_MAX_BYTES);
    console.log(`100,000 requests: ${(grownBytes / 1e6).toFixed(1)} MB`);
  });
});
