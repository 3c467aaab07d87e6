// Waits of tests, without a time limit: one that waits in vain ends by its own. It knows no engine.

const { setTimeout: setTimer } = globalThis;
/** What takes longer than this is other threads' and processes' work, which the processor is better spent on. */
const SPINS_MAX = 20;

/** Turns of the loop until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let spins = 0; !holds(); spins++)
    if (spins < SPINS_MAX) await turn();
    else await new Promise((resolve) => setTimer(resolve, 1));
}

export const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(resolve));
