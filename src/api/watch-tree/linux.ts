// inotify and fanotify together: which of them watches a folder. One of them comes first, and the other watches what that one cannot: by
// default inotify does, until there are no more watches; then fanotify does, and the watches are given back. What changes is not known here.
import { misuseError } from "../../util/errors.ts";
import { errnoOf } from "../../request/errors.ts";
import {
  KernelWatch,
  fanotify,
  inotify,
  type KernelSetting,
} from "./kernel-watch.ts";
import type { Notice, Source } from "./source.ts";
import type { Survey } from "./survey.ts";
import type { Folder } from "./tree.ts";

export type LinuxMethod = "auto" | "inotify" | "fanotify";
type Look = Parameters<Source["survey"]>;

const ENOSPC = errnoOf("ENOSPC");
const EPERM = errnoOf("EPERM");
const NO_WATCHES =
  "there are no more watches of inotify (fs.inotify.max_user_watches)";

const refusal = (errno: number): string => `fanotify_mark: ${-errno}`;

/** It was chosen, and cannot even watch the root. */
const unavailable = (errno: number): Error =>
  misuseError("ERR_EIO_BACKEND_UNAVAILABLE", "fanotify", refusal(errno));

export class LinuxSource implements Source {
  readonly watchesByPath = false;
  reason: string;
  readonly #chosen: LinuxMethod;
  readonly #setting: KernelSetting;
  #first: KernelWatch;
  /** Opened when it is wanted; a text says why there is none. */
  #second: KernelWatch | string | null = null;
  #notices: Notice[] = [];
  #closed = false;

  private constructor(
    chosen: LinuxMethod,
    first: KernelWatch,
    setting: KernelSetting,
  ) {
    this.#chosen = chosen;
    this.#first = first;
    this.#setting = setting;
    this.reason =
      chosen === "auto"
        ? "native code can watch folders"
        : "the option `method` says so";
  }

  /** A text says why it cannot be had: `fanotify_init: 1`. */
  static open(
    chosen: LinuxMethod,
    setting: KernelSetting,
  ): LinuxSource | string {
    const means = chosen === "fanotify" ? fanotify : inotify;
    const first = KernelWatch.open(means, setting);
    return typeof first === "string"
      ? first
      : new LinuxSource(chosen, first, setting);
  }

  get method(): "inotify" | "fanotify" {
    return this.#first.method;
  }

  take(): Notice[] {
    const notices = this.#notices;
    this.#notices = [];
    const others =
      this.#second instanceof KernelWatch ? this.#second.take() : [];
    return notices.concat(this.#first.take(), others);
  }

  async survey(...look: Look): Promise<Survey> {
    const [folder] = look;
    const by = this.#first;
    const found = await by.survey(...look);
    if (folder.watch !== null || this.#closed) return found;
    const why = found.watch;
    if (folder.parent === null && this.#chosen === "fanotify")
      throw unavailable(why);
    const next = this.#isOthers(by, why) ? this.#otherThan(by) : null;
    if (next === null) return this.#refuse(folder, found);
    const again = await next.survey(...look);
    if (folder.watch === null) {
      this.#drop(next, again.watch);
      return this.#refuse(folder, again);
    }
    if (next.method === "fanotify") this.#swap();
    return again;
  }

  /** Whether the other one is to watch what this one refused. */
  #isOthers({ method }: KernelWatch, why: number): boolean {
    if (method === "fanotify") return true;
    return this.#chosen === "auto" && why === ENOSPC;
  }

  #otherThan(by: KernelWatch): KernelWatch | null {
    // They were swapped meanwhile.
    if (by !== this.#first) return this.#first;
    const means = by.method === "inotify" ? fanotify : inotify;
    this.#second ??= KernelWatch.open(means, this.#setting);
    if (typeof this.#second !== "string") return this.#second;
    if (this.#chosen === "auto")
      this.reason = `${NO_WATCHES}, and ${this.#second}`;
    return null;
  }

  /** Whoever may not mark file systems need not try again. */
  #drop(watch: KernelWatch, why: number): void {
    if (watch !== this.#second || watch.method !== "fanotify") return;
    const text = refusal(why);
    this.reason = `${NO_WATCHES}, and ${text}`;
    if (why !== EPERM) return;
    watch.close();
    this.#second = text;
  }

  /** fanotify comes first from now on: what inotify watches is looked at again, by that, and the watches are others' to use. */
  #swap(): void {
    const before = this.#first;
    if (before.method === "fanotify") return;
    this.#first = this.#second as KernelWatch;
    this.#second = before;
    this.reason = NO_WATCHES;
    for (const folder of before.folders()) {
      before.forget(folder);
      this.#notices.push({ what: "folder", folder });
    }
    this.#setting.host.noticed();
  }

  #refuse(folder: Folder, found: Survey): Survey {
    this.#setting.host.refused(folder);
    return found;
  }

  forget(folder: Folder): void {
    this.#first.forget(folder);
    if (this.#second instanceof KernelWatch) this.#second.forget(folder);
  }

  close(): void {
    this.#closed = true;
    this.#notices = [];
    this.#first.close();
    if (this.#second instanceof KernelWatch) this.#second.close();
  }
}
