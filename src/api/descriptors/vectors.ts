// Whether several buffers are written from where they lie, by one system call that takes them all. It knows buffers and
// terms, not who writes them.
import type { Submitter } from "../submitter.ts";
import { BUFFERS_MAX } from "../../request/codec.ts";
import type { Terms } from "../terms.ts";
import { lengthOf, type View } from "./buffers.ts";

/** What is less is put together, which costs less than their addresses. */
const WORTH_BYTES = 1 << 15;
/** As much as one system call takes. */
const MOST_BYTES = 0x7ffff000;

/** Not where the caller may want them back before the end: that takes a copy. */
export function writtenInPlace(
  engine: Submitter,
  views: readonly View[],
  terms: Terms,
): boolean {
  if (!engine.lends || terms.ends) return false;
  if (views.length < 2 || views.length > BUFFERS_MAX) return false;
  const bytes = lengthOf(views);
  return bytes >= WORTH_BYTES && bytes <= MOST_BYTES;
}
