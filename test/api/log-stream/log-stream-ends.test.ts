// The stream for log lines when it ends at a bad moment: in the middle of a write, between two tries, before its file is open. What
// was given is written once and in order or reported, and nothing is written to a descriptor that is somebody else's by then.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import type { FaultRule } from "../../../src/api/faults/rules.ts";
import { LogStream } from "../../../src/api/log-stream/log-stream.ts";
import type { LogStreamOptions } from "../../../src/api/log-stream/options.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";

const folder = testFolder();
let files = 0;
const nextPath = (): string => folder.join(`ends${files++}`);
const textOf = (file: string): string => fs.readFileSync(file, "utf8");

function under(rule: FaultRule) {
  const faults = plan({ rules: [rule] });
  const eio = createEio({ faults });
  onTestFinished(() => eio.close());
  return { faults, eio, ops: () => faults.trace.map(({ op }) => op) };
}

async function opened(options: LogStreamOptions): Promise<LogStream> {
  const stream = new LogStream(options);
  await once(stream, "ready");
  return stream;
}

const outcomeOfFlush = (stream: LogStream): Promise<unknown> =>
  new Promise((resolve) => {
    stream.flush((error) => resolve(error ?? "flushed"));
  });

async function destroyed(stream: LogStream): Promise<void> {
  const closed = once(stream, "close");
  stream.destroy();
  await closed;
}

const full: FaultRule["then"] = { error: "EAGAIN" };
const ERR_STREAM_DESTROYED = expect.objectContaining({
  code: "ERR_STREAM_DESTROYED",
}) as unknown;

/** It has been refused once, and waits to try again. */
async function refused(
  options: LogStreamOptions,
  text: string,
): Promise<LogStream> {
  let wake = (): void => {};
  const asked = new Promise<void>((resolve) => (wake = resolve));
  const retryEAGAIN = (): boolean => (wake(), true);
  const stream = await opened({ ...options, retryEAGAIN });
  stream.write(text);
  await asked;
  return stream;
}

describe("a log stream that waits to try again", () => {
  it("writes to no descriptor any more once it is destroyed", async () => {
    const { eio, ops } = under({ op: "write", times: 2, then: full });
    const stream = await refused({ dest: nextPath(), eio }, "not there\n");
    await destroyed(stream);
    // Its time to try again comes later than that of the destroyed one.
    const file = nextPath();
    const other = await refused({ dest: file, eio }, "there\n");
    expect(await outcomeOfFlush(other)).toBe("flushed");
    expect(textOf(file)).toBe("there\n");
    expect(ops().filter((op) => op === "write")).toHaveLength(3);
    await destroyed(other);
  });

  it("writes to no descriptor any more when it is destroyed by whom it asks whether to", async () => {
    const { eio, ops } = under({ op: "write", times: 2, then: full });
    const retryEAGAIN = (): boolean => (stream.destroy(), true);
    const stream: LogStream = await opened({
      ...{ dest: nextPath(), eio, retryEAGAIN },
    });
    const closed = once(stream, "close");
    stream.write("not there\n");
    await closed;
    const other = await refused({ dest: nextPath(), eio }, "there\n");
    expect(await outcomeOfFlush(other)).toBe("flushed");
    expect(ops().filter((op) => op === "write")).toHaveLength(3);
    await destroyed(other);
  });

  it("writes it first when it is flushed meanwhile", async () => {
    const { eio } = under({ op: "write", times: 1, then: full });
    const dest = nextPath();
    const stream = await refused({ dest, eio }, "first\n");
    stream.write("second\n");
    stream.flushSync();
    expect(textOf(dest)).toBe("first\nsecond\n");
    stream.end();
    await once(stream, "close");
    expect(textOf(dest)).toBe("first\nsecond\n");
  });

  it("writes it when the process ends", () => {
    const dest = nextPath();
    const door = (name: string): string =>
      JSON.stringify(pathToFileURL(path.resolve(`dist/${name}.js`)).href);
    const program = `
      import LogStream from ${door("log-stream")};
      import { createEio } from ${door("index")};
      import { plan } from ${door("faults")};
      const rule = { op: "write", then: { error: "EAGAIN" } };
      const eio = createEio({ faults: plan({ rules: [rule] }) });
      const retryEAGAIN = () => {
        stream.write("second\\n");
        setImmediate(() => process.exit(0));
        return true;
      };
      const stream = new LogStream({ dest: ${JSON.stringify(dest)}, eio, retryEAGAIN });
      stream.write("first\\n");`;
    execFileSync(process.execPath, ["--input-type=module", "-e", program]);
    expect(textOf(dest)).toBe("first\nsecond\n");
  });
});

describe("a log stream that is destroyed", () => {
  it("closes its file when the thread that writes has returned, and writes no rest", async () => {
    const { eio, faults, ops } = under({
      ...{ op: "write", times: 1 },
      then: { short: 3, hang: true },
    });
    const dest = nextPath();
    const stream = await opened({ dest, eio });
    stream.write("abcdef");
    const flushed = outcomeOfFlush(stream);
    const events: string[] = [];
    for (const name of ["finish", "close"])
      stream.on(name, () => events.push(name));
    stream.end();
    stream.destroy();
    expect(await flushed).toEqual(ERR_STREAM_DESTROYED);
    const closed = once(stream, "close");
    await eio.promises.stat(folder.path);
    expect(descriptorsBelow(dest)).toHaveLength(1);
    faults.release();
    await closed;
    expect(textOf(dest)).toBe("abc");
    expect(events).toEqual(["close"]);
    expect(ops().filter((op) => op !== "stat")).toEqual([
      "open",
      "write",
      "fsync",
      "close",
    ]);
    expect(descriptorsBelow(dest)).toEqual([]);
  });
});

describe("flush() of a log stream", () => {
  const untouched = { op: "nop" as const, then: full };

  it("calls back when the stream is ended meanwhile", async () => {
    const { eio } = under(untouched);
    const dest = nextPath();
    const stream = new LogStream({ dest, eio });
    stream.write("before it is open\n");
    const early = outcomeOfFlush(stream);
    await once(stream, "ready");
    stream.write("after\n");
    const late = outcomeOfFlush(stream);
    stream.end();
    expect(await Promise.all([early, late])).toEqual(["flushed", "flushed"]);
    expect(textOf(dest)).toBe("before it is open\nafter\n");
  });

  it("calls back with the error of a file that cannot be opened, and nothing is written until it is reopened", async () => {
    const { eio } = under(untouched);
    const dest = path.join(nextPath(), "log");
    const stream = new LogStream({ dest, eio });
    stream.write("one\n");
    expect(await outcomeOfFlush(stream)).toMatchObject({ code: "ENOENT" });
    stream.write("two\n");
    stream.flush();
    expect(await outcomeOfFlush(stream)).toMatchObject({
      code: "ERR_INVALID_STATE",
    });
    fs.mkdirSync(path.dirname(dest));
    stream.reopen();
    await once(stream, "ready");
    expect(await outcomeOfFlush(stream)).toBe("flushed");
    expect(textOf(dest)).toBe("one\ntwo\n");
    await destroyed(stream);
  });
});

it("a log stream of bytes takes texts among them, in their order", async () => {
  const dest = nextPath();
  const { eio } = under({ op: "nop", then: full });
  const stream = new LogStream({ dest, eio, contentMode: "buffer" });
  for (const data of ["a", Buffer.from("b"), "c", "", new Uint8Array([0x64])])
    stream.write(data);
  stream.end();
  await once(stream, "close");
  expect(textOf(dest)).toBe("abcd");
});
