// The scenario language: plain data that two interpreters run, run.pl over IO::AIO and interpreter.ts over our
// own door. A scenario has a folder of its own; its steps are done in order, and what they log is compared.

/** "a/b" is below the scenario's folder, "" is the folder itself; `$ROOT` in raw text becomes the folder. */
export type Path =
  string | { raw: string } | { other: string } | { wd: string; path?: string };

/** An argument: a path, a number, a handle or constants by name, data, `null` where Perl has undef. */
export type Argument =
  | Path
  | number
  | null
  | { fd: string }
  | { flags: string }
  | { text: string }
  /** An integer of 64 bits, in digits. */
  | { wide: string };

/** One request. `then` are steps that its callback does. */
export interface Request {
  request: string;
  id: string;
  args?: Argument[];
  pri?: number;
  /** Do not set a priority: what `pri` and `nice` steps set is used. */
  keepPri?: true;
  /** A group to add it to. */
  in?: string;
  then?: Step[];
  /** Fields of the stats to compare, beside kind, mode, size and links. */
  fields?: string[];
}

export type Step =
  /** `run` waits until nothing is left to do; `submit` goes on at once. */
  | ({ step: "run" | "submit" } & Request)
  | { step: "group"; id: string; pri?: number; in?: string; then?: Step[] }
  | { step: "add"; group: string; id: string }
  | { step: "result"; group: string; value: number; errno?: number }
  | { step: "errno" | "limit"; group: string; value: number }
  /** The feeder adds `batch` of what is left of the requests each time that it is called. */
  | {
      step: "feed";
      group: string;
      requests: Request[];
      limit?: number;
      batch?: number;
    }
  | { step: "unfeed"; group: string }
  | { step: "cancel" | "cancelSubs"; id: string }
  /** flush until nothing is left; one poll, and what it returned; polls until nothing is left. */
  | { step: "flush" | "poll" | "pollAll" | "wait" }
  /** hold: nothing runs. release: so many workers run (1, so that the order is certain); `blocks`: the first
   *  request will wait at a gate. ripen: until so many are done, none being delivered. running: until all but
   *  `queued` have been started. */
  | { step: "hold" }
  | { step: "release"; workers?: number; blocks?: true }
  | { step: "ripen"; count: number }
  | { step: "running"; queued?: number }
  /** Lets those through that wait in open() of a fifo. */
  | { step: "let"; path: Path }
  | { step: "pri"; value?: number }
  | { step: "nice"; value: number }
  | { step: "set"; name: string; value: number }
  /** Keeps the caller busy, so that a budget of time runs out. */
  | { step: "spin"; seconds: number }
  | { step: "mark"; text: string }
  /** What is compared: nreqs, nready and npending; is poll's descriptor readable. */
  | { step: "counts" | "nreqs" | "readable" }
  /** Files, made without either library. */
  | { step: "file"; path: Path; text?: string; size?: number; mode?: number }
  | { step: "sparse"; path: Path; size: number; parts: [number, number][] }
  | { step: "dir"; path: Path; mode?: number }
  | { step: "symlink"; target: string; path: Path }
  | { step: "link" | "rename"; from: Path; path: Path }
  | { step: "fifo" | "socket" | "remove" | "cwd"; path: Path }
  | { step: "times"; path: Path; atime: number; mtime: number }
  | { step: "umask"; value: number }
  | { step: "fd"; id: string; path: Path; flags?: string }
  | { step: "pipe"; reader: string; writer: string }
  | { step: "badFd" | "shut"; id: string }
  /** What is there afterwards. */
  | { step: "position"; id: string }
  | { step: "content" | "tree"; path: Path }
  | { step: "look"; path: Path; fields?: string[] }
  | { step: "fds" };

/** What the outcome depends on beside libeio: recorded outcomes are compared only where that is the same. */
export type Dependence = "file system" | "kernel" | "root" | "limits";

export interface Scenario {
  name: string;
  steps: Step[];
  dependsOn?: Dependence[];
}

export type Entry = Record<string, unknown>;
export type Outcomes = Record<string, Entry[]>;

/** The conditions of a run on the real libeio, and its outcomes. */
export interface Recording {
  version: string;
  kernel: string;
  fileSystem: string;
  user: string;
  outcomes: Outcomes;
}

export const scenario = (
  name: string,
  steps: (Step | Step[])[],
  ...dependsOn: Dependence[]
): Scenario => ({
  name,
  steps: steps.flat(),
  ...(dependsOn.length > 0 && { dependsOn }),
});

type More = Partial<Omit<Request, "request" | "id" | "args">>;

export const request = (
  name: string,
  id: string,
  args: Argument[] = [],
  more: More = {},
): Request => ({ request: name, id, args, ...more });

export const submit = (
  name: string,
  id: string,
  args: Argument[] = [],
  more: More = {},
): Step => ({ step: "submit", ...request(name, id, args, more) });

/** Submits a request and waits for everything. By default it is named after the request. */
export const run = (
  name: string,
  args: Argument[] = [],
  id: string = name,
  more: More = {},
): Step => ({ step: "run", ...request(name, id, args, more) });

export const nop = (id: string, more: More = {}): Step =>
  submit("nop", id, [], more);

export const fd = (id: string): Argument => ({ fd: id });
export const flags = (names: string): Argument => ({ flags: names });
export const wide = (value: bigint): Argument => ({ wide: String(value) });
export const text = (data: string): Argument => ({ text: data });
export const raw = (text: string): Path => ({ raw: text });
export const at = (wd: string, path?: string): Path =>
  path === undefined ? { wd } : { wd, path };

export const file = (path: Path, text = ""): Step => ({
  step: "file",
  path,
  text,
});
export const big = (path: Path, size: number): Step => ({
  step: "file",
  path,
  size,
});
export const dir = (path: Path): Step => ({ step: "dir", path });
export const symlink = (target: string, path: Path): Step => ({
  step: "symlink",
  target,
  path,
});
export const opened = (id: string, path: Path, names = "O_RDWR"): Step => ({
  step: "fd",
  id,
  path,
  flags: names,
});
export const badFd: Step = { step: "badFd", id: "bad" };
export const content = (path: Path): Step => ({ step: "content", path });
export const tree: Step = { step: "tree", path: "" };
export const fds: Step = { step: "fds" };
export const look = (path: Path, ...fields: string[]): Step => ({
  step: "look",
  path,
  fields,
});
export const position = (id: string): Step => ({ step: "position", id });
export const hold: Step = { step: "hold" };
export const release: Step = { step: "release" };
export const ripen = (count: number): Step => ({ step: "ripen", count });
export const poll: Step = { step: "poll" };
export const pollAll: Step = { step: "pollAll" };
export const flush: Step = { step: "flush" };
export const counts: Step = { step: "counts" };
export const cancel = (id: string): Step => ({ step: "cancel", id });
export const mark = (text: string): Step => ({ step: "mark", text });
