// The ceiling on memory of ours (`maxMemory`): how much requests and what was read ahead take, and who is next when there is no
// room. It knows what an op takes from the table, not what an op does; the queues are the scheduler's.
//
//   waits --there is room--> in flight --settled-----> given back
//     ^                        |    |
//     +---larger than thought--+    +--read ahead----> kept --used, or wanted by others--> given back
import type { MemoryUse } from "../ops/define.ts";
import { opByCode, registers, nameByCode } from "../ops/table.ts";
import type { Request } from "../request/request.ts";
import { AGEING_SKIPS } from "./queue.ts";

/** What is read whole begins with so much: most files fit, and of the others nothing is read. */
const FIRST_BYTES = 64 << 10;

/** Who keeps what was read ahead. */
export interface Keeper {
  /** Others want the memory: what nobody has asked for yet is to be given back soon, and not inside this call. */
  reclaim(): void;
}

const useByCode: (MemoryUse | undefined)[] = opByCode.map((op) => op?.memory);

export class MemoryBudget {
  maxBytes: number;
  readonly #ageing: boolean;
  #usedBytes = 0;
  #keptBytes = 0;
  /** The most that there was at once. */
  peakBytes = 0;
  /** In flight, or done and not given away. */
  readonly #taken = new Map<Request, number>();
  readonly #kept = new Map<Request, [bytes: number, keeper: Keeper]>();
  /** Of those that were begun before: how large the file was. */
  readonly #sizes = new WeakMap<Request, number>();
  /** The first that found no room: no other of its level goes before it. */
  #first: Request | null = null;
  #overtaken = 0;
  /** Memory was given back, and somebody may wait for it. */
  freed: () => void = () => {};

  constructor(maxBytes: number, ageing: boolean) {
    this.maxBytes = maxBytes;
    this.#ageing = ageing;
  }

  /** The process exits: what was read ahead is not given back any more, and nothing is to wait for it. */
  lift(): void {
    this.maxBytes = Infinity;
    this.pass();
  }

  /** In flight, and kept. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Somebody waits for room. */
  get isScarce(): boolean {
    return this.#first !== null;
  }

  get first(): Request | null {
    return this.#first;
  }

  isFor({ op }: Request): boolean {
    return useByCode[op] !== undefined;
  }

  /** What is in flight ends by itself, and what is kept is given back: so each has its turn, and one that is too large goes alone. */
  takes(request: Request): boolean {
    const first = this.#first;
    if (first !== null && first !== request && !this.#mayOvertake(request))
      return false;
    const bytes = this.#bytesOf(request);
    if (this.#usedBytes !== 0 && this.#usedBytes + bytes > this.maxBytes) {
      if (first === null || request.level > first.level) this.#wait(request);
      for (const [, keeper] of this.#kept.values()) keeper.reclaim();
      return false;
    }
    if (first === request) this.pass();
    else if (first !== null) this.#overtaken++;
    this.#taken.set(request, bytes);
    this.#use(bytes);
    return true;
  }

  #mayOvertake(request: Request): boolean {
    if (this.#ageing && this.#overtaken >= AGEING_SKIPS) return false;
    return request.level > this.#first!.level;
  }

  #wait(request: Request): void {
    this.#first = request;
    this.#overtaken = 0;
  }

  /** Nobody is next: it goes, it is gone, or its lane may not go. */
  pass(): void {
    this.#first = null;
    this.#overtaken = 0;
  }

  #bytesOf(request: Request): number {
    const use = useByCode[request.op]!;
    if ("bytes" in use) return use.bytes;
    if ("bytesIn" in use) return request[use.bytesIn];
    const bytes =
      this.#sizes.get(request) ?? Math.max(FIRST_BYTES, request.room);
    request[use.most] = bytes;
    // One more shows the end.
    return bytes + 1;
  }

  /** It was not read, since it is larger than what was taken for it: it waits again, for so much. */
  grow(request: Request, bytes: number): void {
    this.#sizes.set(request, bytes);
  }

  /** The end of a request: what it had has gone to its caller, or is kept, or was never filled. */
  give(request: Request): void {
    const bytes = this.#taken.get(request);
    if (bytes === undefined) return;
    this.#taken.delete(request);
    this.#use(-bytes);
  }

  /** Another one holds what a request took. */
  passOn(from: Request, to: Request): void {
    const bytes = this.#taken.get(from);
    if (bytes === undefined) return;
    this.#taken.delete(from);
    this.#taken.set(to, bytes);
  }

  /** What a request has read stays with us for a while. Within its settle(). */
  keep(request: Request, keeper: Keeper): void {
    const bytes = this.#taken.get(request);
    if (bytes === undefined) return;
    this.#taken.delete(request);
    this.#kept.set(request, [bytes, keeper]);
    this.#keptBytes += bytes;
    if (this.#first !== null) keeper.reclaim();
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  giveBack(request: Request): void {
    const kept = this.#kept.get(request);
    if (kept === undefined) return;
    this.#kept.delete(request);
    this.#keptBytes -= kept[0];
    this.#use(-kept[0]);
    this.freed();
  }

  #use(bytes: number): void {
    this.#usedBytes += bytes;
    if (this.#usedBytes > this.peakBytes) this.peakBytes = this.#usedBytes;
  }
}

/** The numbers of the table are those of the registers. */
for (const [code, use] of useByCode.entries()) {
  if (use === undefined || "bytes" in use) continue;
  const register = "most" in use ? use.most : use.bytesIn;
  if (!registers[nameByCode[code]!].includes(register))
    throw new Error(`${nameByCode[code]!} has no operand ${register}`);
}
