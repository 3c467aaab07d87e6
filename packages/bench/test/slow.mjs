// node:fs/promises with a wait in its way, for the test that the bench finds it out.
import * as promises from "node:fs/promises";

const WAIT = 400_000;
/** Not time but work, so that a slow machine does not matter. */
function wait() {
  let sum = 0;
  for (let i = 0; i < WAIT; i++) sum += Math.sqrt(i);
  return sum;
}

export async function open(...args) {
  const handle = await promises.open(...args);
  return {
    fd: handle.fd,
    close: () => handle.close(),
    read: (...where) => (wait(), handle.read(...where)),
  };
}
