// The scenarios through our own door: what run.pl does with IO::AIO. The door polls only when a step says so
// (eio_init), as IO::AIO does.
import fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import door from "../../src/eio.ts";
import { fileSteps } from "./files.ts";
import { submitTo } from "./requests.ts";
import type { Entry, Outcomes, Request, Scenario, Step } from "./scenario.ts";
import { State, type Places } from "./state.ts";

const WORKERS = 8;
const UMASK = 0o022;
/** Whatever a step waits for happens by then, or never. */
const WAIT_MS = 20_000;
const HANGS_MS = 60_000;

export async function runScenarios(
  scenarios: readonly Scenario[],
  places: Places,
): Promise<Outcomes> {
  door.init();
  const home = process.cwd();
  const outcomes: Outcomes = {};
  let number = 0;
  for (const { name, steps } of scenarios) {
    const state = new State(places, `n${number++}`);
    fs.mkdirSync(state.root);
    process.chdir(state.root);
    process.umask(UMASK);
    door.set_min_parallel(WORKERS);
    door.set_max_parallel(WORKERS);
    const hangs = setTimeout(() => {
      throw new Error(
        `a scenario hangs: ${name}: ${JSON.stringify(state.log.slice(-3))}`,
      );
    }, HANGS_MS);
    await new Interpreter(state).run(steps);
    clearTimeout(hangs);
    outcomes[name] = state.log;
  }
  process.chdir(home);
  return outcomes;
}

class Interpreter {
  readonly #state: State;
  readonly #log: Entry[];

  constructor(state: State) {
    this.#state = state;
    this.#log = state.log;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      try {
        await this.#does(step);
      } catch (error) {
        this.#log.push({ died: step.step, why: String(error) });
      }
    }
    await this.#closeDown();
  }

  /** Whatever a scenario left: settings, requests, descriptors. */
  async #closeDown(): Promise<void> {
    door.set_max_poll_reqs(0);
    door.set_max_poll_time(0);
    door.max_outstanding(0);
    door.set_min_parallel(WORKERS);
    door.pri(0);
    for (const req of this.#state.requests.values()) door.cancel(req);
    await door.flush();
    for (const fd of this.#state.fds.values())
      try {
        fs.closeSync(fd);
      } catch {
        // Closed by the scenario, or never open.
      }
    for (const wd of this.#state.wds.values()) door.wd_close(wd);
    await door.flush();
  }

  /** Steps that wait; the others are done at once, also in callbacks. */
  async #does(step: Step): Promise<void> {
    switch (step.step) {
      case "run":
        this.#submit(step);
        return door.flush();
      case "flush":
        return door.flush();
      case "pollAll":
        while (door.nreqs() > 0) {
          await door.poll_wait();
          door.poll();
        }
        this.#log.push({ drained: door.nreqs() });
        return;
      case "wait":
        await door.poll_wait();
        this.#log.push({ waited: door.npending() > 0 ? 1 : 0 });
        return;
      case "hold":
        door.set_max_parallel(0);
        return;
      case "release":
        door.set_min_parallel(step.workers ?? 1);
        return;
      case "ripen":
        return this.#until(
          `${step.count} ripe`,
          () => door.npending() >= step.count,
        );
      case "running":
        return this.#until(
          "running",
          () => door.nready() <= (step.queued ?? 0),
        );
      case "let":
        return this.#until("a reader at the gate", () =>
          tryRelease(this.#state.plainPath(step.path)),
        );
      default:
        // A socket takes a turn.
        await this.#act(step);
    }
  }

  #act(step: Step): unknown {
    const state = this.#state;
    switch (step.step) {
      case "submit":
        return this.#submit(step);
      case "poll":
        this.#log.push({ poll: door.poll() });
        return;
      case "cancel": {
        const req = state.requests.get(step.id);
        if (req !== undefined) door.cancel(req);
        return;
      }
      case "cancelSubs":
        return door.grp_cancel(state.group(step.id));
      case "group":
        return this.#group(step);
      case "add":
        return this.#add(step.group, step.id);
      case "result":
        state.withResult.add(step.group);
        return door.grp_set(
          state.group(step.group),
          step.value,
          step.errno ?? 0,
        );
      case "errno": {
        const group = state.group(step.group);
        return door.grp_set(group, group.result, step.value);
      }
      case "limit":
        return door.grp_limit(state.group(step.group), step.value);
      case "feed":
        return this.#feed(step);
      case "unfeed":
        return door.grp_feed(state.group(step.group), null);
      case "pri":
        this.#log.push({ pri: door.aioreq_pri(step.value) });
        return;
      case "nice":
        door.aioreq_nice(step.value);
        return;
      case "set":
        return settings[step.name]!(step.value);
      case "counts":
        this.#log.push({
          counts: [door.nreqs(), door.nready(), door.npending()],
        });
        return;
      case "nreqs":
        this.#log.push({ nreqs: door.nreqs() });
        return;
      case "readable":
        this.#log.push({ readable: door.npending() > 0 ? 1 : 0 });
        return;
      case "spin": {
        const end = performance.now() + step.seconds * 1_000;
        while (performance.now() < end);
        return;
      }
      case "mark":
        this.#log.push({ mark: step.text });
        return;
      default:
        return (fileSteps[step.step as "file"] as unknown as FileStep)(
          state,
          step,
        );
    }
    return undefined;
  }

  #submit(request: Request): void {
    try {
      const req = submitTo(this.#state, request, (entry) => {
        this.#log.push(entry);
        for (const step of request.then ?? []) this.#act(step);
      });
      this.#state.requests.set(request.id, req);
    } catch (error) {
      this.#log.push({ threw: request.id, why: String(error) });
      door.pri(0);
      return;
    }
    if (request.in !== undefined) this.#add(request.in, request.id);
  }

  #add(group: string, id: string): void {
    const { requests } = this.#state;
    try {
      door.grp_add(this.#state.group(group), requests.get(id)!);
    } catch (error) {
      this.#log.push({ threw: "add", group, id, why: String(error) });
    }
  }

  #group({ id, pri = 0, in: outer, then = [] }: GroupStep): void {
    door.pri(pri);
    const group = door.grp((grp) => {
      const result = this.#state.withResult.has(id) ? [grp.result] : [];
      const entry: Entry = { cb: id, result, errno: grp.errorno };
      if (grp.cancelled) entry.cancelled = true;
      this.#log.push(entry);
      for (const step of then) this.#act(step);
    });
    this.#state.requests.set(id, group);
    if (outer !== undefined) this.#add(outer, id);
  }

  #feed({ group, requests, limit, batch = 1 }: FeedStep): void {
    const left = [...requests];
    const feed = (): void => {
      this.#log.push({ fed: group, left: left.length });
      for (const request of left.splice(0, batch))
        this.#submit({ ...request, in: group });
    };
    // As IO::AIO: the limit first, which may call a feed that there is.
    if (limit !== undefined) door.grp_limit(this.#state.group(group), limit);
    door.grp_feed(this.#state.group(group), feed);
  }

  async #until(what: string, is: () => boolean): Promise<void> {
    const end = performance.now() + WAIT_MS;
    while (!is()) {
      if (performance.now() > end) {
        this.#log.push({ broken: `never: ${what}` });
        return;
      }
      await setImmediate();
    }
  }
}

type FileStep = (state: State, step: Step) => unknown;
type GroupStep = Extract<Step, { step: "group" }>;
type FeedStep = Extract<Step, { step: "feed" }>;

/** IO::AIO's names. */
const settings: Record<string, (value: number) => void> = {
  max_poll_reqs: door.set_max_poll_reqs,
  max_poll_time: door.set_max_poll_time,
  min_parallel: door.set_min_parallel,
  max_parallel: door.set_max_parallel,
};

/** False while no reader waits there: only then a writer cannot open it. */
function tryRelease(gate: string): boolean {
  const { O_WRONLY, O_NONBLOCK } = fs.constants;
  try {
    fs.closeSync(fs.openSync(gate, O_WRONLY | O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}
