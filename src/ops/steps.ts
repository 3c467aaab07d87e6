// Jobs of several steps, written once as generators that yield one step at a time and are given its
// outcome. It knows how steps are taken, synchronously or by promises, and none of them by name.

export type Step = [name: string, ...operands: unknown[]];
export type Steps<T = void> = Generator<Step, T, unknown>;

/** What a step's name stands for. */
type Table = Record<string, (...operands: never[]) => unknown>;

/** Yields one step, with the types that its table declares. */
export const stepsOf = <S>() =>
  function* take<N extends keyof S & string>(
    name: N,
    ...operands: S[N] extends (...args: infer A) => unknown ? A : never
  ): Steps<S[N] extends (...args: never[]) => infer R ? R : never> {
    return (yield [name, ...operands]) as never;
  };

/** Takes all steps now; undefined where it is not wanted to its end. */
export function takeSteps<T>(
  job: Steps<T>,
  table: object,
  wanted: () => boolean = () => true,
): T | undefined {
  let next = job.next();
  while (!next.done) {
    if (!wanted()) return undefined;
    const [name, ...operands] = next.value;
    let outcome: unknown;
    try {
      outcome = (table as Table)[name]!(...(operands as never[]));
    } catch (error) {
      next = job.throw(error);
      continue;
    }
    next = job.next(outcome);
  }
  return next.value;
}

/** The same where steps are promises. */
export async function awaitSteps<T>(job: Steps<T>, table: object): Promise<T> {
  let next = job.next();
  while (!next.done) {
    const [name, ...operands] = next.value;
    let outcome: unknown;
    try {
      outcome = await (table as Table)[name]!(...(operands as never[]));
    } catch (error) {
      next = job.throw(error);
      continue;
    }
    next = job.next(outcome);
  }
  return next.value;
}
