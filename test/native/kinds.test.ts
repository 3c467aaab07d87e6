// Whatever a descriptor is of, every backend says what node:fs says: pipes that wait and pipes that do not, terminals,
// sockets, devices, what the kernel makes up, event descriptors, files in memory, files.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import type { BackendName } from "../../src/backends/backend.ts";
import { testFolder } from "../helpers/files.ts";
import { plainEnv } from "../helpers/sanitizers.ts";
import { until } from "../helpers/until.ts";

const folder = testFolder();
const { O_NONBLOCK, O_RDWR, O_RDONLY, O_WRONLY, O_NOCTTY } = fs.constants;

/** One to call on, and what to close afterwards. */
interface Opened {
  fd: number;
  close: (() => void)[];
}
const opened = (fd: number, ...close: (() => void)[]): Opened => ({
  fd,
  close: [...close, () => fs.closeSync(fd)],
});
const open =
  (path: string, flags: number): (() => Opened) =>
  () =>
    opened(fs.openSync(path, flags));

const pipe = folder.join("fifo");
execFileSync("mkfifo", [pipe]);
/** Open at both ends, with so much in it. What is in it is gone when nobody has it open. */
function fifo(flags: number, content = ""): Opened {
  const both = fs.openSync(pipe, O_RDWR | O_NONBLOCK);
  fs.writeSync(both, content);
  const fd = fs.openSync(pipe, flags);
  return opened(fd, () => fs.closeSync(both));
}

/** Makes a terminal for each line that it gets, whose other side says the line, and has it until the next one. */
const terminals = spawn(
  "python3",
  [
    "-c",
    `
import os, sys, tty
pair = ()
for line in sys.stdin:
    for fd in pair: os.close(fd)
    pair = a, b = os.openpty()
    tty.setraw(b)
    os.write(a, line.strip().encode())
    print(os.ttyname(b), flush=True)`,
  ],
  { stdio: ["pipe", "pipe", "inherit"], env: plainEnv },
);
const names = createInterface(terminals.stdout)[Symbol.asyncIterator]();
afterAll(() => void terminals.stdin.end());

async function terminal(flags: number, line: string): Promise<Opened> {
  terminals.stdin.write(`${line}\n`);
  const { value } = (await names.next()) as { value: string };
  return opened(fs.openSync(value, flags | O_NOCTTY));
}

/** Of Node's own it is the number that counts; Node makes it one that does not wait. */
async function socket(said: string): Promise<Opened> {
  const server = net
    .createServer((peer) => {
      peer.on("error", () => {});
      peer.write(said);
    })
    .listen(0);
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port).pause();
  client.on("error", () => {});
  await new Promise((resolve) => client.once("connect", resolve));
  const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
  // What was said has arrived once it can be seen in the kernel's table.
  const arrived = (): boolean =>
    said === "" ||
    fs
      .readFileSync("/proc/net/tcp", "utf8")
      .concat(
        fs.existsSync("/proc/net/tcp6")
          ? fs.readFileSync("/proc/net/tcp6", "utf8")
          : "",
      )
      .split("\n")
      .some((line) => {
        const [, local, , , queues] = line.trim().split(/\s+/);
        const own = client
          .localPort!.toString(16)
          .toUpperCase()
          .padStart(4, "0");
        return local?.endsWith(`:${own}`) && !queues!.endsWith(":00000000");
      });
  await until(arrived);
  return {
    fd,
    close: [() => client.destroy(), () => server.close()],
  };
}

const kinds: Record<string, () => Opened | Promise<Opened>> = {
  "a pipe with something in it": () => fifo(O_RDONLY, "content"),
  "a pipe that does not wait, and is empty": () => fifo(O_RDONLY | O_NONBLOCK),
  "a pipe that does not wait, with something in it": () =>
    fifo(O_RDONLY | O_NONBLOCK, "content"),
  "the writing end of a pipe": () => fifo(O_WRONLY),
  "a full pipe that does not wait": () =>
    fifo(O_WRONLY | O_NONBLOCK, "x".repeat(65536)),
  "a terminal that does not wait": () => terminal(O_RDWR | O_NONBLOCK, ""),
  "a terminal with a line": () => terminal(O_RDWR, "line"),
  "a socket with nothing": () => socket(""),
  "a socket with something": () => socket("content"),
  "/dev/null": open("/dev/null", O_RDWR),
  "/dev/zero": open("/dev/zero", O_RDWR),
  "/dev/full": open("/dev/full", O_RDWR),
  "/dev/urandom": open("/dev/urandom", O_RDONLY),
  "/proc/self/comm": open("/proc/self/comm", O_RDONLY),
  "/proc/version": open("/proc/version", O_RDONLY),
  "a file of /sys": open(
    "/sys/kernel/mm/transparent_hugepage/enabled",
    O_RDONLY,
  ),
  "a folder": () => open(folder.join("."), O_RDONLY)(),
  "a file": () => {
    fs.writeFileSync(folder.join("file"), "content");
    return opened(fs.openSync(folder.join("file"), O_RDWR));
  },
  "a file that cannot be written": () => {
    fs.writeFileSync(folder.join("file"), "content");
    return opened(fs.openSync(folder.join("file"), O_RDONLY));
  },
};

type Fs = Pick<Eio["fs"], keyof Eio["fs"]>;
type Call = (fs: Fs, fd: number) => Promise<unknown>;

/** Bytes that are not random, where there may be some that are. */
const call =
  (name: keyof Fs, ...args: unknown[]): Call =>
  async (from, fd) => {
    const copies = args.map((value) =>
      Buffer.isBuffer(value)
        ? Buffer.from(value)
        : Array.isArray(value)
          ? value.map((part) => Buffer.from(part as Buffer))
          : value,
    );
    const fn = from[name] as (...all: unknown[]) => void;
    const outcome = await new Promise((resolve) =>
      fn(
        fd,
        ...copies,
        (error: NodeJS.ErrnoException | null, result: unknown) =>
          resolve(
            error === null || error === undefined
              ? result
              : {
                  code: error.code,
                  syscall: error.syscall,
                  message: error.message,
                },
          ),
      ),
    );
    return [outcome, ...copies];
  };

const room = (bytes = 4): Buffer => Buffer.alloc(bytes, "-");
const calls: Record<string, Call> = {
  "a read": call("read", room(), 0, 4, null),
  "a read of nothing": call("read", room(), 0, 0, null),
  "a read at a position": call("read", room(), 0, 4, 1),
  "a read at a position far away": call("read", room(), 0, 4, 2 ** 40),
  readv: call("readv", [room(2), room(3)], null),
  "readv at a position": call("readv", [room(2), room(3)], 1),
  "a write": call("write", room(), 0, 4, null),
  "a write of nothing": call("write", room(), 0, 0, null),
  "a write at a position": call("write", room(), 0, 4, 1),
  "a write of text": call("write", "text"),
  writev: call("writev", [room(2), room(3)], null),
  writeFile: call("writeFile", "text"),
  ftruncate: call("ftruncate", 3),
  fsync: call("fsync"),
  fdatasync: call("fdatasync"),
  // To what it is: the devices are the machine's.
  fchmod: (from, fd) =>
    call("fchmod", fs.fstatSync(fd).mode & 0o7777)(from, fd),
};
/**
 * Reads to an end that some kinds lack. What it says of an error is another matter: Node 20 loses it where the
 * descriptor is the caller's.
 */
const readFile = call("readFile", "latin1");
const ending = /null|proc|sys|a file/;
/** What differs each time, in what it reads or in its size. */
const changing = /urandom|zero|full|null/;

const backends = (["pool", "nowait", "uring", "aio"] as BackendName[]).filter(
  (name) => listBackends()[name].available,
);

async function outcome(
  from: Fs,
  kind: string,
  make: () => Opened | Promise<Opened>,
  name: string,
  run: Call,
): Promise<unknown> {
  const { fd, close } = await make();
  const result = await run(from, fd);
  const random = kind === "/dev/urandom" && name.includes("read");
  const shown = random ? (result as unknown[])[0] : result;
  // Nothing more was taken, or put there.
  const { size } = await promisify(fs.fstat)(fd);
  for (const end of close) end();
  return [shown, changing.test(kind) ? 0 : size];
}

const devices = Object.keys(kinds).filter((kind) => kind.startsWith("/dev/"));
const modes = (): number[] =>
  devices.map((device) => fs.statSync(device).mode & 0o7777);
const before = modes();
afterAll(() => expect(modes()).toEqual(before));

/** What node:fs says is found out once. */
const ofNode = new Map<string, unknown>();

describe.each(backends)("on %s", (backend) => {
  const eio = createEio({ backend });
  afterAll(() => eio.close());

  const table = Object.entries(kinds).map(([kind, make]) => ({ kind, make }));
  it.each(table)(
    "$kind is to every call what it is to node:fs",
    async ({ kind, make }) => {
      const all = ending.test(kind) ? { ...calls, readFile } : calls;
      for (const [name, run] of Object.entries(all)) {
        const key = `${kind}: ${name}`;
        const node = fs as unknown as Fs;
        if (!ofNode.has(key))
          ofNode.set(key, await outcome(node, kind, make, name, run));
        expect({
          [key]: await outcome(eio.fs, kind, make, name, run),
        }).toEqual({ [key]: ofNode.get(key) });
      }
    },
  );
});
