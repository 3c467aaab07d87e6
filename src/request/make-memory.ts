// Makes the shared memory of an instance, or says what there is too little of. It knows how much is needed, and not what
// for.
import { SLOT_WORDS, allocStart, controlWords, type Sizes } from "./layout.ts";
import { Memory } from "./memory.ts";
import { SharedPages } from "./pages.ts";
import { noAddresses } from "../util/address-space.ts";
import { misuseError } from "../util/errors.ts";

/** Left over for V8, which collects garbage where memory is refused, and ends the process where it finds none then. */
const HEAP_BYTES = 64 << 20;

/**
 * Untouched pages cost nothing: the system gives them on first use. It has those of SharedPages back when they are
 * collected; a SharedArrayBuffer's stay with the C library, 0.5 MB for each instance that was closed.
 */
export function makeMemory(sizes: Sizes): Memory {
  const bytes = allocStart(sizes) + (sizes.allocBytes ?? 0);
  const why = noAddresses(bytes, HEAP_BYTES);
  if (why !== null) throw misuseError("ERR_EIO_NO_MEMORY", bytes, why);
  const words = (sizes.slots * SLOT_WORDS + controlWords(sizes)) * 4;
  const pages = SharedPages.create(bytes);
  const shared = {
    sizes,
    words: SharedPages.create(words)?.buffer ?? new SharedArrayBuffer(words),
    bytes: pages?.buffer ?? new SharedArrayBuffer(bytes),
  };
  return new Memory(shared, pages);
}
