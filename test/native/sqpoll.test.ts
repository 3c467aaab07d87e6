// A ring whose entries a thread of the kernel's takes: no system call while it is awake, one that wakes it
// while it sleeps, and a clear refusal where the kernel has no such thing.
import {
  fault,
  noFaults,
  noMoreFaults,
  ringTakesPipes,
  struck,
} from "../helpers/faults.ts";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { turn, until } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import { plainEnv } from "../helpers/sanitizers.ts";

const ALWAYS = 1 << 30;
const EPERM = -1;
const ENOMEM = -12;
const folder = testFolder();
const content = Buffer.from(Array.from({ length: 65_536 }, (_, i) => i & 255));
const file = folder.file("file", content);

let eio: Eio | undefined;
afterEach(async () => {
  noMoreFaults();
  await eio?.close();
  eio = undefined;
});

/** States of the threads that poll rings of this process: R, S. */
function pollers(): string[] {
  return fs.readdirSync("/proc/self/task").flatMap((task) => {
    try {
      const stat = fs.readFileSync(`/proc/self/task/${task}/stat`, "latin1");
      const [, name, state] = /\((.*)\) (.)/.exec(stat)!;
      return name!.startsWith("iou-sqp") ? [state!] : [];
    } catch {
      return []; // It has just ended.
    }
  });
}

async function readSome(count: number, together = 1): Promise<void> {
  const handle = await eio!.promises.open(file);
  for (let i = 0; i < count; i += together)
    await Promise.all(
      Array.from({ length: together }, async (_, j) => {
        const position = (i + j) * 7;
        const { buffer } = await handle.read(Buffer.alloc(3000), { position });
        const wanted = content.subarray(position, position + 3000);
        expect(buffer.equals(wanted)).toBe(true);
      }),
    );
  await handle.close();
}

const { uring } = listBackends();
const skip = noFaults ?? (uring.available ? null : uring.reason);

describe.skipIf(skip !== null)("sqpollIdleMs", () => {
  it("is off by default", async () => {
    eio = createEio({ backend: "uring" });
    await readSome(10);
    expect(pollers()).toEqual([]);
  });

  it("needs no system call while the thread is awake", async () => {
    eio = createEio({ backend: "uring", sqpollIdleMs: 60_000 });
    await readSome(1);
    expect(pollers()).toHaveLength(1);
    expect(eio.why("read").how.uring).toContain("sleeps after 60000 ms");
    fault("ring_enter", ENOMEM, ALWAYS);
    await readSome(200);
    await readSome(2000, 500);
    expect(struck("ring_enter")).toBe(0);
  });

  it("wakes the thread when it sleeps", async () => {
    eio = createEio({ backend: "uring", sqpollIdleMs: 1, loopLingerUs: 0 });
    for (let i = 0; i < 10; i++) {
      await readSome(5);
      await until(() => pollers().join() === "S");
    }
  });

  it("wakes a loop that sleeps, and lets go of what is cancelled", async () => {
    eio = createEio({ backend: "uring", sqpollIdleMs: 20, loopLingerUs: 0 });
    ringTakesPipes();
    const at = folder.join("fifo");
    execFileSync("mkfifo", [at]);
    const writer = fs.openSync(at, "r+");
    const handle = await eio.promises.open(at);
    for (let i = 0; i < 20; i++) {
      const reading = handle.read(Buffer.alloc(5));
      await turn();
      execFileSync("sh", ["-c", `printf hello > "$1"`, "sh", at], {
        env: plainEnv,
      });
      expect((await reading).buffer.toString()).toBe("hello");
    }
    const end = new AbortController();
    const reads = Array.from({ length: 300 }, () =>
      handle
        .read(Buffer.alloc(100), { signal: end.signal })
        .catch((error: Error) => error.name),
    );
    await turn();
    end.abort();
    expect(new Set(await Promise.all(reads))).toEqual(new Set(["AbortError"]));
    await handle.close();
    await eio.close();
    eio = undefined;
    fs.closeSync(writer);
    await until(() => pollers().length === 0);
  });

  it("is refused clearly where the ring was chosen", () => {
    fault("ring_setup", EPERM);
    expect(() => createEio({ backend: "uring", sqpollIdleMs: 5 })).toThrow(
      expect.objectContaining({
        code: "ERR_EIO_BACKEND_UNAVAILABLE",
        message: expect.stringContaining(
          "io_uring_setup (SQPOLL): EPERM",
        ) as string,
      }) as Error,
    );
    expect(struck("ring_setup")).toBe(1);
  });

  it("is done without where the ring was not chosen", async () => {
    fault("ring_setup", EPERM);
    eio = createEio({ backend: "auto", sqpollIdleMs: 5 });
    expect(eio.backend).toBe("uring");
    expect(struck("ring_setup")).toBe(1);
    await readSome(20);
    expect(pollers()).toEqual([]);
    expect(eio.why("read").how.uring).not.toContain("thread of the kernel");
  });

  it.each([-1, 1.5, 60_001, "5"])("is not %j", (sqpollIdleMs) => {
    expect(() => createEio({ sqpollIdleMs: sqpollIdleMs as number })).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }) as Error,
    );
  });
});
