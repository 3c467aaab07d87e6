// Handles that were collected without having been closed: their descriptors are closed then, and
// the process is warned, as Node does.
import type { Descriptor } from "./descriptor.ts";

let deprecationTold = false;

const registry = new FinalizationRegistry((descriptor: Descriptor) => {
  if (descriptor.fd === -1) return;
  process.emitWarning(
    `Closing file descriptor ${descriptor.fd} on garbage collection`,
  );
  if (!deprecationTold) {
    deprecationTold = true;
    process.emitWarning(
      "Closing a FileHandle object on garbage collection is deprecated. " +
        "Please close FileHandle objects explicitly using " +
        "FileHandle.prototype.close(). In the future, an error will be " +
        "thrown if a file descriptor is closed during garbage collection.",
      "DeprecationWarning",
      "DEP0137",
    );
  }
  descriptor.close().catch((error: Error) => process.emitWarning(error));
});

/** The descriptor must not lead back to the handle, or the handle is never collected. */
export function closeWhenCollected(
  handle: object,
  descriptor: Descriptor,
): void {
  registry.register(handle, descriptor, descriptor);
}

export function closedInTime(descriptor: Descriptor): void {
  registry.unregister(descriptor);
}
