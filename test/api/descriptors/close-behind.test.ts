// Closing by number while an abandoned request still works on the descriptor: the number must not become another
// file's under its hands.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const { O_RDWR, O_NONBLOCK } = fs.constants;
const PIPE_BYTES = 65536;
const backends = (["threads", "pool", "auto"] as const).filter(
  (name) => name === "auto" || listBackends()[name].available,
);

describe.each(backends)("on %s close by number", (backend) => {
  const eio = createEio({ backend });
  afterAll(() => eio.close());
  let pipes = 0;

  /** A write that waits for room in a full pipe, and that nobody waits for. */
  async function abandoned(): Promise<{ fd: number; other: number }> {
    const pipe = folder.join(`pipe-${backend}-${pipes++}`);
    execFileSync("mkfifo", [pipe]);
    const other = fs.openSync(pipe, O_RDWR | O_NONBLOCK);
    fs.writeSync(other, Buffer.alloc(PIPE_BYTES));
    const fd = fs.openSync(pipe, O_RDWR);
    const ending = new AbortController();
    const { signal } = ending;
    const written = new Promise((resolve) =>
      eio.fs.write(fd, Buffer.from("x"), { signal } as object, resolve),
    );
    while (eio.nready !== 0 || eio.nthreads === 0)
      await new Promise((resolve) => setImmediate(resolve));
    ending.abort();
    expect(await written).toMatchObject({ name: "AbortError" });
    return { fd, other };
  }
  const isOpen = (fd: number): boolean => {
    try {
      fs.fstatSync(fd);
      return true;
    } catch {
      return false;
    }
  };

  it("waits for it, and then closes", async () => {
    const { fd, other } = await abandoned();
    const closing = new Promise((resolve) => eio.fs.close(fd, resolve));
    await eio.nop();
    expect(isOpen(fd)).toBe(true);
    fs.readSync(other, Buffer.alloc(PIPE_BYTES));
    expect(await closing).toBe(null);
    expect(isOpen(fd)).toBe(false);
    fs.closeSync(other);
    expect(eio.nreqs).toBe(0);
  });

  it("of any other descriptor does not wait", async () => {
    const { fd, other } = await abandoned();
    const file = fs.openSync(folder.file(`file-${backend}`), "r");
    const closed = new Promise((resolve) => eio.fs.close(file, resolve));
    expect(await closed).toBe(null);
    fs.readSync(other, Buffer.alloc(PIPE_BYTES));
    await new Promise((resolve) => eio.fs.close(fd, resolve));
    fs.closeSync(other);
  });
});
