// Objects that were collected without having been closed: their descriptors are closed then, and the
// process is warned. What the objects are, and in what words to warn, is not known here.
import type { Descriptor } from "./descriptor.ts";

interface Left {
  descriptor: Descriptor;
  warn: (fd: number) => void;
}

const registry = new FinalizationRegistry(({ descriptor, warn }: Left) => {
  if (descriptor.fd === -1) return;
  warn(descriptor.fd);
  descriptor.close().catch((error: Error) => process.emitWarning(error));
});

/** Neither the descriptor nor `warn` may lead back to the object, or that is never collected. */
export function closeWhenCollected(
  object: object,
  descriptor: Descriptor,
  warn: (fd: number) => void,
): void {
  registry.register(object, { descriptor, warn }, descriptor);
}

export function closedInTime(descriptor: Descriptor): void {
  registry.unregister(descriptor);
}

/** It stays open without its object: as long as the process lives, if nobody closes it. */
export function keepWhenCollected(descriptor: Descriptor): void {
  registry.unregister(descriptor);
}
