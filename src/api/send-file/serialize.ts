// Who writes to a target next: calls for the same one are served in the order of the calls, each after the one before
// it has ended, however it ended. It does not know what they write.

const last = new WeakMap<object, Promise<unknown>>();

export function serialize<T>(
  target: object,
  work: () => Promise<T>,
): Promise<T> {
  const before = last.get(target);
  const done = before === undefined ? work() : before.then(work, work);
  last.set(target, done);
  const clear = (): void => {
    if (last.get(target) === done) last.delete(target);
  };
  done.then(clear, clear);
  return done;
}
