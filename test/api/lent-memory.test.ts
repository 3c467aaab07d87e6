// Memory that a caller lends to a request is the caller's again when the request has settled, however it
// was cancelled: nothing is written to it after that, and nothing of what is put there is written out.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Eio } from "../../src/api/create.ts";
import type { EioRequest } from "../../src/api/eio/request.ts";
import { Instance } from "../../src/api/instance/instance.ts";
import { listBackends } from "../../src/backends/select.ts";
import { isAll } from "../helpers/bytes.ts";
import { turn, until } from "../helpers/engine.ts";
import { Fifo } from "../helpers/fifo.ts";
import { testFolder } from "../helpers/files.ts";
import { todays } from "../helpers/part.ts";

const folder = testFolder();
const CANARY = 0xca;
const isCanary = (buffer: Buffer): boolean => isAll(buffer, CANARY);
const { O_DIRECT, O_RDWR } = fs.constants;
const SENT = 0x11;
const FILLING = 0x22;
const sizes = { "of 512 bytes": 512, "of 100,000 bytes": 100_000 };

const subjects = (["pool", "nowait", "uring", "aio", "auto"] as const)
  .filter((name) => name === "auto" || listBackends()[name].available)
  .map((backend) => {
    const instance = new Instance({ backend, maxParallel: 2, minParallel: 1 });
    return { backend, instance, eio: new Eio(() => instance) };
  });
afterAll(() => Promise.all(subjects.map(({ eio }) => eio.close())));

type Door = Eio["eio"];
const doorWays: Record<
  string,
  (door: Door, start: () => EioRequest) => () => void
> = {
  "eio.cancel()"(door, start) {
    const request = start();
    return () => door.cancel(request);
  },
  "eio.grp_cancel()"(door, start) {
    const group = door.grp();
    door.grp_add(group, start());
    return () => door.grp_cancel(group);
  },
  "eio.grp_cancel() of a group that is fed"(door, start) {
    const group = door.grp();
    let fed = false;
    door.grp_feed(group, () => {
      if (!fed) door.grp_add(group, start());
      fed = true;
    });
    return () => door.grp_cancel(group);
  },
};

/** A transfer under way, and what cancels it. */
interface Attempt {
  settled: Promise<unknown>;
  cancel: () => unknown;
}
interface FileHandle {
  read: Transfers<[Buffer, number, number, number | null]>;
  readv: Transfers<[Buffer[], null]>;
  write: Transfers<[Buffer, number, number, null]>;
  writev: Transfers<[Buffer[], null]>;
  close(): Promise<void>;
}
type Transfers<A extends unknown[]> = (
  ...args: [...A, Options]
) => Promise<unknown>;
type Options = { signal?: AbortSignal; timeout?: number };
type Transfer = (
  handle: FileHandle,
  buffer: Buffer,
  options: Options,
) => Promise<unknown>;
type Way = (
  eio: Eio,
  path: string,
  transfer: (handle: FileHandle, options?: Options) => Promise<unknown>,
) => Promise<Attempt>;

const handles: FileHandle[] = [];
async function opened(
  { promises }: { promises: Pick<Eio["promises"], "open"> },
  path: string,
  flags = 0,
): Promise<FileHandle> {
  const handle = await promises.open(path, O_RDWR | flags);
  handles.push(handle as unknown as FileHandle);
  return handle as unknown as FileHandle;
}

const ways: Record<string, Way> = {
  async signal(eio, path, transfer) {
    const controller = new AbortController();
    const { signal } = controller;
    const settled = transfer(await opened(eio, path), { signal });
    return { settled, cancel: () => controller.abort() };
  },
  async timeout(eio, path, transfer) {
    const settled = transfer(await opened(eio, path), { timeout: 5 });
    return { settled, cancel: () => settled.catch(() => {}) };
  },
  async "group.cancel()"(eio, path, transfer) {
    const group = eio.group();
    const handle = await opened(group, path);
    return { settled: transfer(handle), cancel: () => group.cancel() };
  },
  async "the cancel of the group above"(eio, path, transfer) {
    const above = eio.group();
    const handle = await opened(above.group(), path);
    return { settled: transfer(handle), cancel: () => above.cancel() };
  },
  async "the signal of a group"(eio, path, transfer) {
    const controller = new AbortController();
    const group = eio.group({ signal: controller.signal });
    const handle = await opened(group.group(), path);
    return { settled: transfer(handle), cancel: () => controller.abort() };
  },
  async "a failure in map()"(eio, path, transfer) {
    let fail!: (error: Error) => void;
    const failing = new Promise((_resolve, reject) => (fail = reject));
    const { settled } = await new Promise<{ settled: Promise<unknown> }>(
      (begun) => {
        const members = eio
          .group()
          .map([path, null], async (item, _i, group) => {
            if (item === null) return failing;
            const transferring = transfer(await opened(group, item));
            begun({ settled: transferring });
            return transferring;
          });
        members.catch(() => {});
      },
    );
    return { settled, cancel: () => fail(new Error("of another")) };
  },
};

const reads: Record<string, Transfer> = {
  read: (handle, buffer, options) =>
    handle.read(buffer, 0, buffer.length, null, options),
  readv: (handle, buffer, options) => handle.readv([buffer], null, options),
  "readv of two": (handle, buffer, options) =>
    handle.readv(halves(buffer), null, options),
};
const writes: Record<string, Transfer> = {
  write: (handle, buffer, options) =>
    handle.write(buffer, 0, buffer.length, null, options),
  writev: (handle, buffer, options) => handle.writev([buffer], null, options),
  "writev of two": (handle, buffer, options) =>
    handle.writev(halves(buffer), null, options),
};
const halves = (buffer: Buffer): Buffer[] => [
  buffer.subarray(0, buffer.length >> 1),
  buffer.subarray(buffer.length >> 1),
];

const memories: Record<string, (eio: Eio, bytes: number) => Buffer> = {
  "a Buffer": (_eio, bytes) => Buffer.alloc(bytes, SENT),
  "a buffer of alloc()": (eio, bytes) => eio.alloc(bytes).fill(SENT),
};

const everyMemory = Object.entries(memories).flatMap(([memory, make]) =>
  Object.entries(sizes).map(([size, bytes]) => ({
    memory: `${memory} ${size}`,
    make: (eio: Eio) => make(eio, bytes),
  })),
);

describe.each(subjects)("with $backend", ({ backend, instance, eio }) => {
  const fifo = new Fifo(folder.join(`fifo-${backend}`));
  const { engine } = instance;
  afterAll(() => fifo.close());

  /**
   * Cancels a transfer that hangs; `let` lets it go on. What its caller does with the buffer as soon as
   * it is settled is `use`.
   */
  async function cancelled(
    { settled, cancel }: Attempt,
    use: () => void,
    goOn: () => void,
  ): Promise<void> {
    const using = settled.catch(() => {}).then(use);
    await until(() => engine.nready === 0 && !engine.starved());
    await cancel();
    for (let i = 0; i < 3; i++) await turn();
    goOn();
    await until(() => {
      if (!engine.idle()) goOn();
      return engine.idle();
    });
    await using;
    await Promise.all(handles.splice(0).map((handle) => handle.close()));
  }

  const shift = subjects.findIndex((subject) => subject.eio === eio);
  describe.each(Object.entries(ways))("%s", (name, way) => {
    const first = shift + Object.keys(ways).indexOf(name);
    it.each(todays(everyMemory, 4, first))(
      "of a read into $memory",
      async ({ make }) => {
        for (const read of Object.values(reads)) {
          const buffer = make(eio);
          const attempt = await way(eio, fifo.path, (handle, options = {}) =>
            read(handle, buffer, options),
          );
          await cancelled(
            attempt,
            () => buffer.fill(CANARY),
            () => fifo.put(SENT, 4096),
          );
          fifo.drain();
          expect(isCanary(buffer)).toBe(true);
        }
      },
    );

    it.each(todays(everyMemory, 4, first + 2))(
      "of a write from $memory",
      async ({ make }) => {
        for (const write of Object.values(writes)) {
          const buffer = make(eio);
          fifo.fill(FILLING);
          const attempt = await way(eio, fifo.path, (handle, options = {}) =>
            write(handle, buffer, options),
          );
          const drained: Buffer[] = [];
          await cancelled(
            attempt,
            () => buffer.fill(CANARY),
            () => drained.push(fifo.drain()),
          );
          const bytes = Buffer.concat([...drained, fifo.drain()]);
          expect(bytes.includes(CANARY)).toBe(false);
        }
      },
    );
  });

  describe.each(Object.entries(doorWays))("%s", (name, way) => {
    const first = shift + Object.keys(doorWays).indexOf(name);
    it.each(todays(everyMemory, 4, first))(
      "of transfers of $memory",
      async ({ make }) => {
        for (const name of ["read", "write"] as const) {
          const buffer = make(eio);
          const fd = fs.openSync(fifo.path, "r+");
          if (name === "write") fifo.fill(FILLING);
          let done!: (request: unknown) => void;
          const settled = new Promise((resolve) => (done = resolve));
          const cancel = way(eio.eio, () =>
            name === "read"
              ? eio.eio.read(fd, buffer, buffer.length, -1, 0, done)
              : eio.eio.write(fd, buffer, buffer.length, -1, 0, done),
          );
          const drained: Buffer[] = [];
          await cancelled(
            { settled, cancel },
            () => buffer.fill(CANARY),
            () =>
              name === "read"
                ? fifo.put(SENT, 4096)
                : drained.push(fifo.drain()),
          );
          const bytes = Buffer.concat([...drained, fifo.drain()]);
          fs.closeSync(fd);
          expect(isCanary(buffer)).toBe(true);
          expect(bytes.includes(CANARY)).toBe(false);
        }
      },
    );
  });

  it("group.cancel() of reads that bypass the page cache", async () => {
    const bytes = 1 << 20;
    const file = folder.file(`direct-${backend}`, Buffer.alloc(bytes, SENT));
    const buffers = Array.from({ length: 16 }, () => eio.alloc(bytes));
    for (let round = 0; round < 4; round++) {
      const group = eio.group();
      const handle = await opened(group, file, O_DIRECT);
      const settled = buffers.map((buffer) =>
        handle
          .read(buffer, 0, bytes, 0, {})
          .catch(() => {})
          .then(() => buffer.fill(CANARY)),
      );
      await until(() => !engine.starved());
      group.cancel();
      await Promise.all(settled);
      await until(() => engine.idle());
      expect(buffers.every(isCanary)).toBe(true);
    }
    await Promise.all(handles.splice(0).map((handle) => handle.close()));
    for (const buffer of buffers) eio.release(buffer);
  });
});
