// Objects that were collected without having been closed: their descriptors are closed then, and that is
// reported. What the objects are, and how it is reported, is not known here.
import type { Descriptor } from "./descriptor.ts";

interface Left {
  descriptor: Descriptor;
  report: (descriptor: Descriptor) => void;
}

const registry = new FinalizationRegistry(({ descriptor, report }: Left) => {
  if (descriptor.fd === -1) return;
  report(descriptor);
  descriptor.closeAlone().catch((error: Error) => process.emitWarning(error));
});

/** Neither the descriptor nor `report` may lead back to the object, or that is never collected. */
export function closeWhenCollected(
  object: object,
  descriptor: Descriptor,
  report: (descriptor: Descriptor) => void,
): void {
  registry.register(object, { descriptor, report }, descriptor);
}

export function closedInTime(descriptor: Descriptor): void {
  registry.unregister(descriptor);
}

/** It stays open without its object: as long as the process lives, if nobody closes it. */
export function keepWhenCollected(descriptor: Descriptor): void {
  registry.unregister(descriptor);
}
