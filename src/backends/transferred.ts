// Values that workers send as messages, because they do not fit into shared memory. A worker sends
// one first and puts the slot on its completion ring then, so whoever takes the slot off the ring
// finds the message there, and nobody waits for an event.
import {
  receiveMessageOnPort as receive,
  type MessagePort,
} from "node:worker_threads";
import type { MovedValue } from "./backend.ts";

interface Message extends MovedValue {
  slot: number;
  result: number;
}

export class Transferred {
  /** By the worker's index. */
  readonly #ports = new Map<number, MessagePort>();
  /** By slot: received before its turn. */
  readonly #early = new Map<number, Message>();

  open(index: number, port: MessagePort): void {
    this.#ports.set(index, port);
  }

  /** The worker is gone: what it sent counts, and closing the port would drop it. */
  close(index: number): void {
    const port = this.#ports.get(index);
    if (port === undefined) return;
    for (let sent = receive(port); sent !== undefined; sent = receive(port))
      this.#keep(sent.message as Message);
    this.#ports.delete(index);
    port.close();
  }

  /** What was sent for a slot by the worker of that index; undefined when it sent nothing. */
  take(index: number, slot: number): Message | undefined {
    const early = this.#early.get(slot);
    if (early !== undefined) {
      this.#early.delete(slot);
      return early;
    }
    const port = this.#ports.get(index);
    if (port === undefined) return undefined;
    for (let sent = receive(port); sent !== undefined; sent = receive(port)) {
      const message = sent.message as Message;
      if (message.slot === slot) return message;
      this.#keep(message);
    }
    return undefined;
  }

  #keep(message: Message): void {
    this.#early.set(message.slot, message);
  }
}
