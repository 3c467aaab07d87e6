// The gate at work: a process of its own that may have 64 descriptors, and 2,000 files.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { eio } from "../../src/api/create.ts";
import { loadNative } from "../../src/backends/native.ts";
import { todays } from "../helpers/part.ts";

const FILES = 2000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-fd-limit-"));
const door = pathToFileURL(path.resolve("dist/index.js")).href;
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** On a busy machine requests that may wait for long do so, with a warning. */
const QUIET = "--disable-warning=EIO_WAITS_FOR_DESCRIPTORS";

/** The last line that the program prints, as JSON; it runs with 64 descriptors. */
function limited(
  program: string,
  env: Record<string, string> = {},
): Record<string, unknown> {
  const file = path.join(folder, "program.mjs");
  fs.writeFileSync(
    file,
    `import fs from "node:fs";
     import { createEio, eio } from ${JSON.stringify(door)};
     const FILES = ${FILES};
     const tally = (settled) => {
       const counts = {};
       for (const { status, reason } of settled) {
         const key = status === "fulfilled" ? "ok" : reason.code;
         counts[key] = (counts[key] ?? 0) + 1;
       }
       return counts;
     };
     const all = (work) => Promise.allSettled(Array.from({ length: FILES }, (_, i) => work("f" + (i % 50)))).then(tally);
     ${program}`,
  );
  for (let i = 0; i < 50; i++)
    fs.writeFileSync(path.join(folder, `f${i}`), `content ${i}`);
  const { stdout, stderr, status } = spawnSync(
    "bash",
    ["-c", `ulimit -n 64; exec "$0" "$@"`, process.execPath, QUIET, file],
    { cwd: folder, encoding: "utf8", env: { ...process.env, ...env } },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as never;
}

/** As for createEio({ fdGate: true }). */
const PATIENT = { NODE_EIO_FD_GATE: "1" };

const FILL = `const held = [];
  try { for (;;) held.push(fs.openSync("/dev/null")); } catch {}
  const free = () => held.splice(0).forEach((fd) => fs.closeSync(fd));`;

describe("when no descriptor is left for a while", () => {
  it.skipIf(loadNative().addon === null)(
    "native code fails to load, and loads later",
    () => {
      const found = limited(`${FILL}
      const reasons = (backends) => backends.threads.reason ?? null;
      const short = reasons(eio.backends);
      free();
      const later = createEio();
      console.log(JSON.stringify({
        short, later: reasons(eio.backends), nowait: eio.backends.nowait.available,
        content: await later.promises.readFile("f1", "utf8"),
        backend: later.stats().backend,
      }));
      await later.close();`);
      expect(found).toMatchObject({
        short: expect.stringContaining("Too many open files") as string,
        later: null,
        nowait: eio.backends.nowait.available,
        content: "content 1",
      });
      expect(found["backend"]).not.toBe("pool");
    },
  );

  it("parts loaded on first use fail with EMFILE, and work later", () => {
    const found = limited(`${FILL}
      const uses = {
        batches: () => eio.statMany(["f1"]),
        atomic: () => eio.writeFileAtomic("f1", "content 1"),
        wd: async () => (await eio.wd(".")).close(),
        cp: () => eio.promises.cp("f1", "copy"),
        stats: () => eio.stats(),
      };
      const outcomes = async () => {
        const codes = {};
        for (const [name, use] of Object.entries(uses))
          codes[name] = await (async () => use())().then(() => "ok", ({ code }) => code);
        return codes;
      };
      const short = await outcomes();
      free();
      console.log(JSON.stringify({ short, later: await outcomes() }));
      process.exit();`);
    const all = (code: string): Record<string, string> =>
      Object.fromEntries(
        ["batches", "atomic", "wd", "cp", "stats"].map((name) => [name, code]),
      );
    expect(found).toEqual({ short: all("EMFILE"), later: all("ok") });
  });
});

const openReadClose = `async (name) => {
  const handle = await eio.promises.open(name);
  await eio.nop();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(10), 0, 10, 0);
  await handle.close();
  if (!buffer.toString("latin1", 0, bytesRead).startsWith("content")) throw new Error("wrong content");
}`;

describe.each(todays(["pool", "auto"], 2))(
  "64 descriptors, with %s",
  (backend) => {
    // Each worker of the pool takes four, and a busy machine has up to eight of them made: too many for 25 files beside them.
    const env = { NODE_EIO_BACKEND: backend, NODE_EIO_MAX_PARALLEL: "4" };

    it("are enough for 2,000 handles when opens wait", () => {
      const output = limited(
        `const opened = await all(${openReadClose});
       console.log(JSON.stringify({ opened, nreqs: eio.nreqs }));`,
        { ...env, ...PATIENT },
      );
      expect(output).toEqual({ opened: { ok: FILES }, nreqs: 0 });
    });

    it("are too few for 200 handles that stay open, which fail as in Node", () => {
      const output = limited(
        `const attempt = async (open) => {
         const settled = await Promise.allSettled(Array.from({ length: 200 }, (_, i) => open("f" + (i % 50))));
         for (const { value } of settled) await value?.close();
         const failed = settled.find(({ status }) => status === "rejected").reason;
         const { ok, ...codes } = tally(settled);
         return [codes.EMFILE > 100, ok > 20, Object.keys(codes), failed.message, failed.syscall];
       };
       await eio.nop();
       const ours = await attempt((name) => eio.promises.open(name));
       const nodes = await attempt((name) => fs.promises.open(name));
       for (const result of [ours, nodes]) result[3] = result[3].replace(/f\\d+/, "f");
       console.log(JSON.stringify({ ours, nodes, nreqs: eio.nreqs }));`,
        { ...env, NODE_EIO_FD_WAIT_MS: String(2 ** 31 - 1) },
      );
      expect(output["ours"]).toEqual([
        true,
        true,
        ["EMFILE"],
        "EMFILE: too many open files, open 'f'",
        "open",
      ]);
      expect(output["nodes"]).toEqual(output["ours"]);
      expect(output["nreqs"]).toBe(0);
    });

    it("are enough for 500 files written in pieces", () => {
      const output = limited(
        `async function* pieces() { yield "content "; yield "in pieces"; }
       const settled = await Promise.allSettled(Array.from({ length: 500 }, (_, i) => eio.promises.writeFile("p" + (i % 50), pieces())));
       console.log(JSON.stringify({ counts: tally(settled), text: fs.readFileSync("p7", "latin1") }));`,
        env,
      );
      expect(output).toEqual({
        counts: { ok: 500 },
        text: "content in pieces",
      });
    });

    it("are enough to read 2,000 whole files, write as many and open as many folders", () => {
      const output = limited(
        `const held = await Promise.all(Array.from({ length: 25 }, () => eio.promises.open("f0")));
       const work = [all((name) => eio.promises.readFile(name)), all((name) => eio.promises.writeFile(name, "content")),
         all(() => eio.promises.opendir(".").then((dir) => dir.close()))];
       const counts = await Promise.all(work);
       for (const handle of held) await handle.close();
       console.log(JSON.stringify({ counts }));`,
        env,
      );
      const ok = { ok: FILES };
      expect(output).toEqual({ counts: [ok, ok, ok] });
    });
  },
);

describe("a request that waits for a descriptor", () => {
  it("goes on when others close theirs", () => {
    const output = limited(
      `
      const others = [];
      try { for (;;) others.push(fs.openSync("f1")); } catch {}
      const waiting = eio.promises.open("f2");
      while (eio.nready !== 1 || eio.nreqs !== 1) await new Promise(setImmediate);
      for (const fd of others) fs.closeSync(fd);
      const handle = await waiting;
      await handle.close();
      console.log(JSON.stringify({ went: true }));`,
      PATIENT,
    );
    expect(output).toEqual({ went: true });
  });

  it("can be cancelled, and keeps its own timeout", () => {
    const output = limited(
      `
      await eio.nop();
      const others = [];
      try { for (;;) others.push(fs.openSync("f1")); } catch {}
      const controller = new AbortController();
      const cancelled = eio.promises.open("f2", "r", 0, { signal: controller.signal });
      while (eio.nready !== 1) await new Promise(setImmediate);
      const late = eio.promises.open("f2", "r", 0, { timeout: 30 });
      await late.catch(() => {});
      controller.abort();
      const counts = tally(await Promise.allSettled([cancelled, late]));
      for (const fd of others) fs.closeSync(fd);
      console.log(JSON.stringify({ counts, nreqs: eio.nreqs }));`,
      PATIENT,
    );
    expect(output).toEqual({
      counts: { ABORT_ERR: 1, ETIMEDOUT: 1 },
      nreqs: 0,
    });
  });

  it("fails with EMFILE in the end, or at once by default", () => {
    const output = limited(`
      const codes = [];
      for (const options of [{ fdGate: true, fdWaitMs: 50 }, { fdGate: false }, {}]) {
        const own = createEio({ backend: "pool", ...options });
        await own.nop();
        const others = [];
        try { for (;;) others.push(fs.openSync("f1")); } catch {}
        const failed = await own.promises.open("f2").catch((error) => error);
        for (const fd of others) fs.closeSync(fd);
        codes.push([failed.code, failed.syscall, failed.path]);
        await own.close();
      }
      console.log(JSON.stringify({ codes }));`);
    expect(output).toEqual({
      codes: [
        ["EMFILE", "open", "f2"],
        ["EMFILE", "open", "f2"],
        ["EMFILE", "open", "f2"],
      ],
    });
  });
});
