// The files of a lease lock: a folder with one file for each holder that there was lately, named by its token. Whoever creates
// the next number, which only one can, is the next holder. It knows how files are made and read, not when.
import { syncFolder } from "../sync-folder.ts";
import type { EioPromises } from "../types.ts";

/** What one of them says; it is replaced in place, and always as long. */
export interface LeaseState {
  isHeld: boolean;
  leaseMs: number;
  /** Grows with each sign of life. */
  beat: number;
  /** Of one holder, and of no other. */
  id: string;
}

export interface Generation {
  token: number;
  /** Differs whenever anything was written. */
  text: string;
}

/** Those before are kept: a listing that meets changes still finds one of the newest. */
const KEPT = 8;
const TOKEN_DIGITS = 16;
const BEAT_DIGITS = 10;
const MS_DIGITS = 8;
const NAME = /^\d{16}$/;
const TEXT = /^(held|free) (\d+) (\d+) (\S+)\n$/;

export const encodeState = (state: LeaseState): string =>
  [
    state.isHeld ? "held" : "free",
    String(state.leaseMs).padStart(MS_DIGITS, "0"),
    String(state.beat).padStart(BEAT_DIGITS, "0"),
    `${state.id}\n`,
  ].join(" ");

/** null: it is being written. */
export function decodeState(text: string): LeaseState | null {
  const [, how, leaseMs, beat, id] = TEXT.exec(text) ?? [];
  if (id === undefined) return null;
  return {
    isHeld: how === "held",
    leaseMs: Number(leaseMs),
    beat: Number(beat),
    id,
  };
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? "";

/** null: there is no such file. */
const orAbsent = <T>(work: Promise<T>): Promise<T | null> =>
  work.catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });

/** What ends a call, by now. */
export interface CallEnds {
  signal?: AbortSignal | undefined;
  timeout?: number | undefined;
}

export class LeaseFolder {
  readonly path: string | Uint8Array;
  readonly #promises: EioPromises;
  /** Of each call: the terms of the lock, but for its ends. */
  readonly #terms: object;
  readonly #isDurable: boolean;
  readonly #ends: () => CallEnds;

  constructor(
    promises: EioPromises,
    path: string | Uint8Array,
    terms: object,
    isDurable: boolean,
    ends: () => CallEnds = () => ({}),
  ) {
    this.path = path;
    this.#promises = promises;
    this.#terms = terms;
    this.#isDurable = isDurable;
    this.#ends = ends;
  }

  /** The same, with calls that end. */
  ending(ends: () => CallEnds): LeaseFolder {
    return new LeaseFolder(
      this.#promises,
      this.path,
      this.#terms,
      this.#isDurable,
      ends,
    );
  }

  get #options(): object {
    return { ...this.#terms, ...this.#ends() };
  }

  /** Where there is none it is made. */
  async make(): Promise<void> {
    try {
      const path = this.path as string;
      await this.#promises.mkdir(path, this.#options);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return;
      throw error;
    }
    if (this.#isDurable) await this.#sync(this.#at(".."));
  }

  /** The newest; null: there was none yet. */
  async newest(): Promise<Generation | null> {
    for (;;) {
      const [token] = await this.#tokens();
      if (token === undefined) return null;
      const text = await this.read(token);
      if (text !== null) return { token, text };
    }
  }

  /** 0: there was none yet. */
  async newestToken(): Promise<number> {
    const [token = 0] = await this.#tokens();
    return token;
  }

  /** From the newest on. */
  async #tokens(): Promise<number[]> {
    const path = this.path as string;
    const names = await this.#promises.readdir(path, this.#options);
    return (names as string[])
      .filter((name) => NAME.test(name))
      .map(Number)
      .sort((a, b) => b - a);
  }

  /** null: it is no longer there. */
  read(token: number): Promise<string | null> {
    const options = { encoding: "latin1" as const, ...this.#options };
    return orAbsent(this.#promises.readFile(this.#file(token), options));
  }

  /** false: somebody else has made it. */
  async create(token: number, text: string): Promise<boolean> {
    const options = { flag: "wx", flush: this.#isDurable, ...this.#options };
    try {
      await this.#promises.writeFile(this.#file(token), text, options);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      // SFTP has no word for it: on SSHFS who comes second meets this.
      const isThere =
        codeOf(error) === "EPERM" && (await this.read(token)) !== null;
      if (isThere) return false;
      throw error;
    }
    return true;
  }

  /** false: it is no longer there. The file is opened and closed each time: that is when a client of NFS sends what was written. */
  async write(token: number, text: string): Promise<boolean> {
    const options = { flag: "r+", ...this.#options };
    const writing = this.#promises.writeFile(this.#file(token), text, options);
    return (await orAbsent(writing.then(() => true))) ?? false;
  }

  async remove(token: number): Promise<void> {
    await orAbsent(this.#promises.unlink(this.#file(token), this.#options));
  }

  /** Makes sure of the newest, and removes what is too old to matter. */
  async settle(token: number): Promise<void> {
    if (this.#isDurable) await this.#sync(this.path);
    for (const old of await this.#tokens())
      if (old <= token - KEPT) await this.remove(old);
  }

  async #sync(folder: string | Uint8Array): Promise<void> {
    const files = { promises: this.#promises };
    await syncFolder(files, folder, this.#options);
  }

  #file(token: number): string {
    return this.#at(String(token).padStart(TOKEN_DIGITS, "0"));
  }

  /** A path of bytes stays one: the types of Node know only Buffers there. */
  #at(name: string): string {
    return typeof this.path === "string"
      ? `${this.path}/${name}`
      : (Buffer.concat([this.path, Buffer.from(`/${name}`)]) as never);
  }
}
