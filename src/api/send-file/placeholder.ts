// A file's place in what a socket writes: a Buffer that says it has the file's length and holds nothing.
// It goes through Node's streams as any chunk does, so order, framing, back-pressure, pipelining and
// the end of a response are Node's own affair; when it reaches the socket, the file is sent in its stead.
//
//   response.write(head) .write(placeholder) .end()      Node's queues, corks and framing
//                   |            |             |
//   socket._write[v]: bytes -> libuv | sending -> sendfile | bytes -> libuv
import { Socket } from "node:net";
import { whenClosed } from "./connection.ts";
import {
  gone,
  type Done,
  type HandledSocket,
  type Sending,
} from "./sending.ts";
import { nextTick } from "../../util/node-timers.ts";

type Callback = (error?: Error | null) => void;
interface Entry {
  chunk: unknown;
  encoding: BufferEncoding;
}
type Entries = Entry[] & { allBuffers?: boolean };
/** The members of a socket that Node's streams call. */
interface Writing {
  _write(chunk: unknown, encoding: BufferEncoding, done: Callback): void;
  _writev(entries: Entries, done: Callback): void;
}

const nodes = Socket.prototype as unknown as Writing;
const bytesDispatched = Object.getOwnPropertyDescriptor(
  Socket.prototype,
  "_bytesDispatched",
)?.get;

/** By the placeholder that stands for it. */
const sendings = new WeakMap<Buffer, Sending>();
/** By socket: what has a place in it and is not sent yet. */
const equipped = new WeakMap<Socket, Outgoing>();

export const isEquipped = (socket: Socket): boolean => equipped.has(socket);

/** A chunk for Node's streams; `done` is called when the file is sent, or will not be. */
export function placeholder(
  socket: Socket,
  sending: Sending,
  done: Done,
): Buffer {
  const outgoing = equip(socket);
  const chunk = Buffer.allocUnsafeSlow(0);
  // Own properties: streams and HTTP count with them.
  Object.defineProperties(chunk, {
    length: { value: sending.bytes },
    byteLength: { value: sending.bytes },
  });
  sendings.set(chunk, sending);
  outgoing.waiting.set(sending, done);
  return chunk;
}

/** It will not reach the socket; nothing, where it has. */
export function giveUp(
  socket: Socket,
  sending: Sending,
  error: Error | null | undefined,
): void {
  equipped.get(socket)?.end(sending, error ?? gone(socket));
}

function equip(socket: Socket): Outgoing {
  let outgoing = equipped.get(socket);
  if (outgoing === undefined) {
    outgoing = new Outgoing(socket as HandledSocket);
    equipped.set(socket, outgoing);
  }
  return outgoing;
}

class Outgoing {
  readonly waiting = new Map<Sending, Done>();
  readonly #socket: HandledSocket;
  #bytes = 0;
  #current: Sending | null = null;

  constructor(socket: HandledSocket) {
    this.#socket = socket;
    const own = {
      _write: (
        chunk: unknown,
        encoding: BufferEncoding,
        done: Callback,
      ): void => {
        const sending = sendings.get(chunk as Buffer);
        if (sending !== undefined) this.#send(sending, done);
        else nodes._write.call(socket, chunk, encoding, done);
      },
      _writev: (entries: Entries, done: Callback): void =>
        this.#writeFrom(entries, 0, done),
    };
    for (const [name, value] of Object.entries(own))
      Object.defineProperty(socket, name, {
        value,
        configurable: true,
        writable: true,
      });
    if (bytesDispatched !== undefined)
      Object.defineProperty(socket, "_bytesDispatched", {
        get: () => (bytesDispatched.call(socket) as number) + this.#sent(),
        configurable: true,
      });
    whenClosed(socket, () => {
      for (const sending of [...this.waiting.keys()])
        this.end(sending, gone(socket));
    });
  }

  /** A connection that breaks may be closed before the file under way has ended. */
  #sent(): number {
    return this.#bytes + (this.#current?.sent ?? 0);
  }

  /** Runs of bytes and files in turn. */
  #writeFrom(entries: Entries, from: number, done: Callback): void {
    const isFile = ({ chunk }: Entry): boolean => sendings.has(chunk as Buffer);
    const next = (error?: Error | null): void => {
      if (error || to === entries.length) done(error);
      else this.#writeFrom(entries, to, done);
    };
    let to = from + 1;
    if (isFile(entries[from]!))
      return this.#send(sendings.get(entries[from]!.chunk as Buffer)!, next);
    while (to < entries.length && !isFile(entries[to]!)) to++;
    const run = entries.slice(from, to) as Entries;
    // The end of a response is an empty write: not worth a call of the system.
    if (run.every(({ chunk }) => chunk === "")) return next();
    run.allBuffers = entries.allBuffers === true;
    nodes._writev.call(this.#socket, run, next);
  }

  #send(sending: Sending, done: Callback): void {
    if (!this.waiting.has(sending)) return done(gone(this.#socket));
    if (this.#socket.connecting) {
      this.#socket.once("connect", () => this.#send(sending, done));
      return;
    }
    this.#current = sending;
    sending.begin(this.#socket, (error) => {
      this.#bytes += sending.sent;
      this.#current = null;
      // Before the stream's own callbacks: they take what is left for what was not sent.
      this.end(sending, error);
      done(error);
    });
  }

  end(sending: Sending, error: Error | null): void {
    const done = this.waiting.get(sending);
    if (done === undefined) return;
    this.waiting.delete(sending);
    sending.end(error);
    // Never within the write that it ends: Node's HTTP may be in the middle of its queue.
    nextTick(done, error);
  }
}
