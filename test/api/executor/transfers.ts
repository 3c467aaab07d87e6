// Transfers between accounts from many sessions at once, of which some are cancelled, run out of time, fail, or lose their
// thread: what must hold is that none is ever half done. It knows the names of the functions, and no driver.
import type { Executor } from "../../../src/index.ts";

export interface Plan {
  transfers: number;
  sessions: number;
  accounts: number;
  /** One in so many transfers has its thread die. */
  deathEvery: number;
}

/** What a transaction writes down of its transfer, beside the two accounts that it changes. */
export interface Entry {
  id: number;
  from: number;
  to: number;
  amount: number;
}

/** For a run that hangs. Ten thousand take half a minute of processor time, of which a busy machine, or one that stops its processes, makes any time. */
export const HANGS_MS = 3_600_000;

/** Whether a transfer has to be there in the end; `maybe`: its commit was given up, or lost, while it ran. */
type Fate = "no" | "maybe" | "yes";

export interface Outcome {
  fates: Map<number, Fate>;
  /** How often what ended a transfer, by code. */
  failed: Record<string, number>;
}

/** Numbers that are the same in each run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Ending = "abort" | "timeout" | "throw" | "exit" | "uncaught" | "none";

/** Of ten transfers so many end early in which way. */
const ENDINGS: Ending[] = ["abort", "timeout", "throw"];
const TEN = 10;

export async function transferAtRandom(
  executor: Executor,
  { transfers, sessions, accounts, deathEvery }: Plan,
): Promise<Outcome> {
  const random = randomFrom(42);
  const outcome: Outcome = { fates: new Map(), failed: {} };

  async function transfer(id: number): Promise<void> {
    const from = random(accounts);
    const to = (from + 1 + random(accounts - 1)) % accounts;
    const amount = 1 + random(100);
    const steps: [name: string, ...args: unknown[]][] = [
      ["begin"],
      ["add", from, -amount],
      ["add", to, amount],
      ["note", id, from, to, amount],
      ["commit"],
    ];
    const ending =
      id % deathEvery === 0
        ? (["exit", "uncaught"] as const)[random(2)]!
        : (ENDINGS[random(TEN)] ?? "none");
    const endsAt = random(steps.length);
    const pause = random(3);
    outcome.fates.set(id, "no");
    const session = await executor.session({ priority: random(3) - 1 });
    try {
      for (const [i, [name, ...args]] of steps.entries()) {
        const now = i === endsAt ? ending : "none";
        if (now === "throw") throw Object.assign(new Error(), { code: "MIND" });
        if (name === "commit") outcome.fates.set(id, "maybe");
        const controller = new AbortController();
        const calling = session.call(name, args, {
          ...(now === "abort" ? { signal: controller.signal } : {}),
          ...(now === "timeout" ? { timeout: pause } : {}),
        });
        if (now === "abort") {
          // At once, or when the thread has probably begun.
          for (let turn = 0; turn < pause; turn++)
            await new Promise((resolve) => setImmediate(resolve));
          controller.abort();
        }
        await calling;
        if (name === "commit") outcome.fates.set(id, "yes");
        if (now === "exit") await session.call("die");
        if (now === "uncaught") await session.call("dieUncaught");
      }
    } catch (error) {
      const { code = "of the database" } = error as { code?: string };
      outcome.failed[code] = (outcome.failed[code] ?? 0) + 1;
    } finally {
      await session.end();
    }
  }

  let next = 1;
  const one = async (): Promise<void> => {
    while (next <= transfers) await transfer(next++);
  };
  await Promise.all(Array.from({ length: sessions }, one));
  return outcome;
}

/** One line for the log of a run. */
export function summaryOf(
  driver: string,
  { fates, failed }: Outcome,
  faults: readonly string[],
): string {
  const committed = [...fates.values()].filter((fate) => fate === "yes").length;
  const ended = Object.entries(failed).map(([code, n]) => `${n} ${code}`);
  return `${driver}: ${fates.size} transfers, ${committed} committed, ended early: ${ended.join(", ")}; half committed or lost: ${faults.length}`;
}

/** What is wrong with what was found in the end; nothing should be. */
export function faultsIn(
  { fates }: Outcome,
  entries: readonly Entry[],
  balances: readonly number[],
): string[] {
  const faults: string[] = [];
  const due = balances.map(() => 0);
  const found = new Set<number>();
  for (const { id, from, to, amount } of entries) {
    found.add(id);
    due[from]! -= amount;
    due[to]! += amount;
    if (fates.get(id) === "no") faults.push(`${id} was never to be committed`);
  }
  for (const [id, fate] of fates)
    if (fate === "yes" && !found.has(id)) faults.push(`${id} was committed`);
  for (const [i, balance] of balances.entries())
    if (balance !== due[i])
      faults.push(`account ${i} has ${balance} in place of ${due[i]}`);
  const sum = balances.reduce((sum, balance) => sum + balance, 0);
  if (sum !== 0) faults.push(`all accounts together have ${sum}`);
  return faults;
}
