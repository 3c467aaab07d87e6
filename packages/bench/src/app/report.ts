// What an application's file calls waited for, in words: which of them, how much, what to set, and how sure that is. It knows
// sums of times, and starts nothing.
import { aligned, rateText, timeText } from "../output/table.ts";
import { compare, pairsAmong, ROUNDS_MIN } from "../statistics.ts";
import { times } from "../verdict.ts";
import type { OpTimes, Total } from "./observed.ts";

export interface Advice {
  /** Of the environment, as it is to be copied; null for nothing. */
  set: string | null;
  says: string[];
}

/** Fewer calls say nothing. */
const CALLS_MIN = 100;
/** On the average so many calls in progress at any time are not worth a thought. */
const IN_PROGRESS_MIN = 0.05;
/** Shares of the time from which something is called the reason. */
const MUCH = 0.3;
const MOST = 0.5;
const LOOP_BUSY = 0.8;
/** Of the time that threads had a call: from here on more of them would find a processor. */
const DEVICE_OF_RUN = 0.6;
const SHARE_SAID = 0.005;
/** A kind of call is bulk that runs so long; another one suffers that waits so many times as long as it runs. */
const BULK_MS = 10;
const SUFFERS = 5;
const PARALLEL_MAX = 64;
const NS_PER_MS = 1e6;

const opTime = ({ waitMs, runMs }: OpTimes): number => waitMs + runMs;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => timeText(value * NS_PER_MS);

/** Calls as programs know them, where an op has another name. */
const knownAs: Record<string, string> = {
  slurp: "readFile",
  spew: "writeFile",
  scandir: "readdir",
  rmtree: "rm of a tree",
  cptree: "cp of a tree",
};
const callName = (op: string): string => knownAs[op] ?? op;

export function adviceOf(total: Total): Advice {
  const { calls, wallMs, waitMs, runMs, workersMax } = total;
  const seconds = (wallMs / 1000).toFixed(1);
  if (calls < CALLS_MIN)
    return {
      set: null,
      says: [
        `It made ${calls} file calls through fs in ${seconds} s: too few to say anything.`,
        "Set nothing. Synchronous calls are Node's own, and are not seen here.",
      ],
    };
  const time = waitMs + runMs;
  const parts = partsOf(total);
  const [longest] = Object.entries(total.ops).sort(
    ([, a], [, b]) => opTime(b) - opTime(a),
  );
  const [name, op] = longest!;
  const what = `Its ${rateText(calls)} file calls took ${ms(time / calls)} each on average: ${parts
    .filter(({ share }) => share >= SHARE_SAID)
    .map(({ share, what }) => `${percent(share)} ${what}`)
    .join(", ")}.`;
  const which = `Most of it is ${callName(name)}: ${percent(opTime(op) / time)} of the time in ${rateText(op.calls)} calls, of which one in a hundred waits ${ms(op.waitP99Ms)} or longer, or runs ${ms(op.runP99Ms)} or longer.`;
  const { set, why } = setting(total, parts);
  return {
    set,
    says: [what, which, why, sureness(total, seconds, workersMax)],
  };
}

interface Part {
  kind: "turn" | "loop" | "device" | "processor" | "work";
  share: number;
  what: string;
}

/** Waiting by what calls were seen at, running by what the threads were doing meanwhile. */
function partsOf({ waitMs, runMs, at, threads, backends }: Total): Part[] {
  const time = waitMs + runMs;
  const seen = at.ready + at.pending;
  const turnMs = seen === 0 ? 0 : (waitMs * at.ready) / seen;
  // What the loop runs itself waits for nobody.
  const onThreads = (backends["threads"] ?? 0) + (backends["pool"] ?? 0) > 0;
  const queuedMs = onThreads ? Math.min(threads.queuedMs, runMs) : 0;
  const cpuMs = Math.min(threads.cpuMs, runMs - queuedMs);
  const known = onThreads && threads.cpuMs > 0;
  const deviceMs = known ? runMs - queuedMs - cpuMs : 0;
  const part = (kind: Part["kind"], ms: number, what: string): Part => ({
    kind,
    share: ms / time,
    what,
  });
  return [
    part("turn", turnMs, "waiting for a thread or for their lane"),
    part("loop", waitMs - turnMs, "waiting for the event loop"),
    part("device", deviceMs, "waiting in the kernel, for a device or a lock"),
    part("processor", queuedMs, "waiting for a free processor"),
    part("work", runMs - queuedMs - deviceMs, "running"),
  ].sort((a, b) => b.share - a.share);
}

function setting(
  total: Total,
  parts: Part[],
): { set: string | null; why: string } {
  const share = (kind: Part["kind"]): number =>
    parts.find((part) => part.kind === kind)!.share;
  const { wallMs, waitMs, runMs, workersMax, inFlightMax, loopBusyShare } =
    total;
  const inProgress = (waitMs + runMs) / wallMs;
  const nothing = (why: string) => ({ set: null, why: `Set nothing: ${why}.` });
  if (inProgress < IN_PROGRESS_MIN)
    return nothing(
      `on average only ${inProgress.toFixed(2)} calls were in progress at a time, so files are not what this program waits for`,
    );
  if (share("turn") >= MUCH) {
    const bulk = bulkAmong(total);
    if (bulk !== null)
      return {
        set: null,
        why: `Give ${callName(bulk.long)} a lane of its own: createEio({ lanes: { bulk: { maxParallel: 2, share: 1 } } }), and { lane: "bulk" } in the options of those calls. ${callName(bulk.short)} runs for ${ms(bulk.runMs)} and waits for ${ms(bulk.waitMs)}, behind ${callName(bulk.long)}, which runs for ${ms(bulk.longMs)}.`,
      };
    if (share("processor") >= MUCH)
      return nothing(
        "the processors are busy, and more threads would only wait for them",
      );
    const more = Math.min(PARALLEL_MAX, Math.max(workersMax * 2, inFlightMax));
    const ran = share("device") + share("work") + share("processor");
    if (share("device") >= DEVICE_OF_RUN * ran && more > workersMax)
      return {
        set: `NODE_EIO_MAX_PARALLEL=${more}`,
        why: `Try NODE_EIO_MAX_PARALLEL=${more} in the environment, or createEio({ maxParallel: ${more} }): up to ${inFlightMax} calls were in progress, and the ${workersMax} threads that there were mostly waited for a device. --compare measures whether it helps.`,
      };
    return nothing(
      "calls wait behind each other for work that the processors do, and more threads would not do it faster",
    );
  }
  if (share("loop") >= MUCH)
    return nothing(
      loopBusyShare >= LOOP_BUSY
        ? `the event loop was busy ${percent(loopBusyShare)} of the time, and results wait for it; what helps is less work on the loop`
        : "results wait for what else the event loop does between them, which no option changes",
    );
  if (share("device") >= MOST)
    return nothing(
      "calls wait for the device itself, and none of them for another one",
    );
  return nothing("no call waits for another one");
}

/** A short kind of call that waits long while long ones hold the threads. */
function bulkAmong({ ops, runMs }: Total): {
  long: string;
  longMs: number;
  short: string;
  runMs: number;
  waitMs: number;
} | null {
  const mean = (ms: number, { calls }: OpTimes): number => ms / calls;
  const all = Object.entries(ops).filter(([, { calls }]) => calls > 0);
  const [bulk] = all
    .filter(
      ([, op]) => mean(op.runMs, op) >= BULK_MS && op.runMs >= runMs * MOST,
    )
    .sort(([, a], [, b]) => b.runMs - a.runMs);
  if (bulk === undefined) return null;
  const [suffers] = all
    .filter(
      ([name, op]) =>
        name !== bulk[0] && op.waitMs >= SUFFERS * op.runMs && op.calls >= 10,
    )
    .sort(([, a], [, b]) => b.waitMs - a.waitMs);
  if (suffers === undefined) return null;
  const [short, op] = suffers;
  return {
    long: bulk[0],
    longMs: mean(bulk[1].runMs, bulk[1]),
    short,
    runMs: mean(op.runMs, op),
    waitMs: mean(op.waitMs, op),
  };
}

function sureness(
  { calls, waitShares }: Total,
  seconds: string,
  workers: number,
): string {
  const seen = `How sure: all ${rateText(calls)} calls of ${seconds} s were timed (with ${workers === 0 ? "no thread of the pool" : `at most ${workers} threads`})`;
  if (waitShares.length < ROUNDS_MIN)
    return `${seen}, but that was too short to say whether it stays so: observe it for longer.`;
  const [low, high] = [Math.min(...waitShares), Math.max(...waitShares)];
  const steady = low >= MUCH || high < MUCH;
  return `${seen}; in the thirds of that time waiting was ${percent(low)} to ${percent(high)} of it${steady ? "" : ", which is not steady: observe it for longer"}.`;
}

export function opsTable({ ops }: Total): string {
  const rows = Object.entries(ops).sort(
    ([, a], [, b]) => opTime(b) - opTime(a),
  );
  return aligned([
    ["", "calls", "failed", "waited, mean", "p99", "ran, mean", "p99"],
    ...rows.map(([name, op]) => [
      callName(name),
      rateText(op.calls),
      rateText(op.failed),
      ms(op.waitMs / op.calls),
      ms(op.waitP99Ms),
      ms(op.runMs / op.calls),
      ms(op.runP99Ms),
    ]),
  ]).join("\n");
}

/** Seconds of each round, by subject: who was quicker. */
export function comparisonText(took: Record<string, number[]>): string[] {
  const [node, ...others] = Object.entries(took);
  const claims = pairsAmong(others.length + 1);
  return others.map(([name, seconds]) => {
    const { ratio, says, margin } = compare(node![1], seconds, claims);
    const rounds = seconds.length;
    const span = `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`;
    if (rounds < ROUNDS_MIN)
      return `With ${name} it was ${ratio.median.toFixed(2)} times as fast as with node:fs, which is no more than a hint: it takes at least ${ROUNDS_MIN} rounds.`;
    if (says === 0)
      return `Between ${name} and node:fs ${rounds} rounds show no difference (${span} times as fast${Number.isFinite(margin) && margin < 2 ? `; one of less than ${percent(margin - 1)} would not have shown` : ""}).`;
    return says === 1
      ? `With ${name} it is ${times(ratio.median)} as fast as with node:fs (${span}, in ${rounds} rounds).`
      : `With node:fs it is ${times(1 / ratio.median)} as fast as with ${name} (${(1 / ratio.max).toFixed(2)} to ${(1 / ratio.min).toFixed(2)}, in ${rounds} rounds).`;
  });
}
