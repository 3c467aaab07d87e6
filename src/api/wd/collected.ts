// Working directories that were collected without having been closed: their descriptors are closed
// then, and the process is warned, as Node does for a FileHandle.
import type { Descriptor } from "../handle/descriptor.ts";

interface Left {
  descriptor: Descriptor;
  path: string;
}

const registry = new FinalizationRegistry(({ descriptor, path }: Left) => {
  if (descriptor.fd === -1) return;
  process.emitWarning(
    `Closing the working directory '${path}' (file descriptor ` +
      `${descriptor.fd}) on garbage collection: it should have been closed`,
  );
  descriptor.close().catch((error: Error) => process.emitWarning(error));
});

/** The descriptor must not lead back to the object, or that is never collected. */
export function closeWhenCollected(
  wd: object,
  descriptor: Descriptor,
  path: string,
): void {
  registry.register(wd, { descriptor, path }, descriptor);
}

export function closedInTime(descriptor: Descriptor): void {
  registry.unregister(descriptor);
}
