// A send from a file that is held by a reader that does not read: however it is abandoned, both descriptors stay open, and are
// reused by no other file, until the kernel has let go of them, and what arrives is the file's.
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { Eio } from "../../src/api/create.ts";
import type { EioRequest } from "../../src/api/eio/request.ts";
import { Instance } from "../../src/api/instance/instance.ts";
import { listBackends } from "../../src/backends/select.ts";
import { isAll } from "../helpers/bytes.ts";
import { turn, until } from "../helpers/engine.ts";
import { Fifo } from "../helpers/fifo.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const SENT = 0x11;
const FILLING = 0x22;
const OTHER = 0xca;
const BYTES = 300_000;
const source = folder.file("source", Buffer.alloc(BYTES, SENT));
const other = folder.file("other", Buffer.alloc(BYTES, OTHER));
const { O_APPEND, O_RDWR } = fs.constants;
/** A thread has begun by then, on a busy machine, too. */
const TIMEOUT_MS = 300;

const make = (backend: "auto" | "pool" | "threads" | "uring") => {
  const instance = new Instance({ backend, maxParallel: 2, minParallel: 1 });
  return { backend, instance, eio: new Eio(() => instance) };
};
const backends = (["pool", "threads", "uring", "auto"] as const).filter(
  (name) => name === "auto" || listBackends()[name].available,
);

/** What becomes of it, and what abandons it. */
interface Attempt {
  settled: Promise<unknown>;
  abandon: () => unknown;
}
type Options = { signal?: AbortSignal; timeout?: number };
type Handle = Awaited<ReturnType<Eio["promises"]["open"]>>;
type Handles = [to: Handle, from: Handle];

const sent = (
  { sys }: Eio,
  [to, from]: Handles,
  options: Options = {},
): Promise<number> => sys.sendfile(to, from, 0, BYTES, options);

const ways: Record<string, (eio: Eio, handles: Handles) => Attempt> = {
  signal(eio, handles) {
    const controller = new AbortController();
    const { signal } = controller;
    const settled = sent(eio, handles, { signal });
    return { settled, abandon: () => controller.abort() };
  },
  timeout(eio, handles) {
    const settled = sent(eio, handles, { timeout: TIMEOUT_MS });
    return { settled, abandon: () => settled.catch(() => {}) };
  },
};

/** Opened while a send is held: none of them may have the number of what it still works with. */
const openOthers = (): number[] =>
  Array.from({ length: 4 }, () => fs.openSync(other, "r+"));

const identity = (fd: number): string => {
  const { dev, ino } = fs.fstatSync(fd);
  return `${dev}:${ino}`;
};

describe.each(backends)("with %s", (backend) => {
  describe.each(Object.entries(ways))("%s", (name, way) => {
    it("keeps both handles open while the send is held", async () => {
      const { eio, instance } = make(backend);
      const fifo = new Fifo(folder.join(`fifo-${backend}-${name}`));
      fifo.fill(FILLING);
      const handles = [
        await eio.promises.open(fifo.path, O_RDWR),
        await eio.promises.open(source),
      ] as Handles;
      const fds = handles.map(({ fd }) => fd);
      const files = fds.map(identity);

      const { settled, abandon } = way(eio, handles);
      settled.catch(() => {});
      await until(() => instance.engine.nready === 0);
      await abandon();
      let closed = 0;
      const closing = handles.map((handle) =>
        handle.close().then(() => closed++),
      );
      // A close that did not wait would be done before this by the thread that is left.
      await eio.promises.readdir(folder.path);
      const others = openOthers();
      expect(fds.map(identity)).toEqual(files);
      expect(closed).toBe(0);

      const drained = [fifo.drain()];
      await until(() => {
        drained.push(fifo.drain());
        return closed === 2;
      });
      await Promise.all(closing);
      const bytes = Buffer.concat([...drained, fifo.drain()]);
      expect(bytes.indexOf(SENT)).toBeGreaterThan(0);
      expect(bytes.includes(OTHER)).toBe(false);
      for (const fd of others) fs.closeSync(fd);
      await eio.close();
      fifo.close();
      expect(descriptorsBelow(folder.path)).toEqual([]);
    });
  });

  it.each(["cancel", "grp_cancel"] as const)(
    "eio.%s() of a send by reads and writes lets no other bytes out",
    async (way) => {
      const { eio, instance } = make(backend);
      const door = eio.eio;
      const fifo = new Fifo(folder.join(`fifo-${backend}-${way}`));
      fifo.fill(FILLING);
      // The kernel sends nothing to what is appended to.
      const to = fs.openSync(fifo.path, O_RDWR | O_APPEND);
      const from = fs.openSync(source, "r");
      const request: EioRequest = door.sendfile(to, from, 0, BYTES);
      const group = door.grp();
      if (way === "grp_cancel") door.grp_add(group, request);
      for (let i = 0; i < 20; i++) await turn();
      await until(() => instance.engine.nready === 0);
      if (way === "cancel") door.cancel(request);
      else door.grp_cancel(group);
      const drained = [fifo.drain()];
      await until(() => {
        drained.push(fifo.drain());
        return instance.engine.idle() && eio.nreqs === 0;
      });
      const bytes = Buffer.concat([...drained, fifo.drain()]);
      const begin = bytes.indexOf(SENT);
      if (begin !== -1) expect(isAll(bytes.subarray(begin), SENT)).toBe(true);
      await eio.close();
      fs.closeSync(to);
      fs.closeSync(from);
      fifo.close();
    },
  );
});

describe("sendFile to a socket without a reader", () => {
  const large = folder.file("large", Buffer.alloc(32 << 20, SENT));

  it.each(["signal", "destroy", "the peer", "close"])(
    "abandoned by %s sends nothing of another file",
    async (way) => {
      const server = net.createServer().listen(folder.join("socket"));
      await once(server, "listening");
      const client = net.connect(folder.join("socket"));
      const [socket] = (await once(server, "connection")) as [net.Socket];
      socket.on("error", () => {});
      client.on("error", () => {});
      const own = make("auto");
      const handle = await own.eio.promises.open(large);
      const { fd } = handle;
      const file = identity(fd);
      const controller = new AbortController();
      const { signal } = controller;
      const sending = own.eio.sendFile(socket, handle, { signal });
      let outcome: unknown;
      sending.then(
        (value) => (outcome = value),
        (error: unknown) => (outcome = error),
      );
      await until(() => client.readableLength > 0);
      for (let i = 0; i < 10; i++) await turn();
      let closed = false;
      const closing = handle.close().then(() => (closed = true));
      await own.eio.promises.readdir(folder.path);
      expect({ outcome, closed }).toEqual({
        outcome: undefined,
        closed: false,
      });
      expect(identity(fd)).toBe(file);

      const ended = way === "close" ? own.eio.close() : null;
      if (way === "signal") controller.abort();
      if (way === "destroy") socket.destroy();
      if (way === "the peer") client.destroy();
      const got: Buffer[] = [];
      client.on("data", (bytes: Buffer) => got.push(bytes));
      await Promise.allSettled([sending]);
      await closing;
      const others = openOthers();
      for (let i = 0; i < 5; i++) await turn();
      expect(isAll(Buffer.concat(got), SENT)).toBe(true);
      // What is under way when an instance is closed goes on to its end.
      expect(outcome).toEqual(
        way === "close" ? 32 << 20 : (expect.any(Error) as Error),
      );
      for (const fd of others) fs.closeSync(fd);
      socket.destroy();
      client.destroy();
      server.close();
      await ended;
      await own.eio.close();
      expect(descriptorsBelow(folder.path)).toEqual([]);
    },
  );
});
