// A fifo that holds a read until there is something in it, and a write while it is full. It knows bytes,
// not who reads or writes them.
import { execFileSync } from "node:child_process";
import fs from "node:fs";

const { O_RDWR, O_NONBLOCK } = fs.constants;

export class Fifo {
  readonly path: string;
  readonly #fd: number;

  constructor(path: string) {
    execFileSync("mkfifo", [path]);
    this.path = path;
    this.#fd = fs.openSync(path, O_RDWR | O_NONBLOCK);
  }

  /** As much of it as there is room for. */
  put(byte: number, length: number): void {
    attempt(() => fs.writeSync(this.#fd, Buffer.alloc(length, byte)));
  }

  fill(byte: number): void {
    const page = Buffer.alloc(4096, byte);
    while (attempt(() => fs.writeSync(this.#fd, page)) !== 0);
  }

  /** All that is in it now. */
  drain(): Buffer {
    const pieces: Buffer[] = [];
    const piece = Buffer.alloc(65536);
    for (;;) {
      const count = attempt(() => fs.readSync(this.#fd, piece));
      if (count === 0) return Buffer.concat(pieces);
      pieces.push(Buffer.from(piece.subarray(0, count)));
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/** 0 where it would have to wait. */
function attempt(transfer: () => number): number {
  try {
    return transfer();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}
