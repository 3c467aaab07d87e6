// Descriptors in a thread of the user's, which are closed when the thread ends, whatever ends it: those that an object
// of ours holds by native code, bare ones by Node (`trackUnmanagedFds`). It does not know who opens them, or how.
//
// Node closes at the end what its own open() returned and its own close() was not given. So that it knows of ours, a bare
// descriptor of ours takes the place of one that Node opened, and is closed by Node's close().
import fs from "node:fs";
import { devNull } from "../../util/dev-null.ts";
import { loadNative } from "../../backends/native.ts";
import { openedByNode } from "../../backends/own-thread.ts";
import type { Request } from "../../request/request.ts";
import { isMainThread } from "../../util/main-thread.ts";

/** From before anybody (our register door, say) replaces it. */
const openWithNode = fs.openSync;
const closeNowWithNode = fs.closeSync;
export const closeWithNode = fs.close;

/** Bare descriptors of ours that Node does not know of: there was no native code, or no other descriptor. */
const unknownToNode = new Set<number>();

/** An object of ours has it, which calls dropFd() before it closes it. */
export function holdFd(fd: number): void {
  if (!isMainThread && !openedByNode.delete(fd)) loadNative().addon?.holdFd(fd);
}

/** As `present` of a request that opens one for an object of ours. */
export function presentHeld({ result }: Request): number {
  holdFd(result);
  return result;
}

/** It is being closed, or given away. */
export function dropFd(fd: number): void {
  if (!isMainThread) loadNative().addon?.dropFd(fd);
}

/** The same for a caller who gets a number. */
export const presentBare = ({ result }: Request): number =>
  isMainThread || openedByNode.delete(result) ? result : movedToNode(result);

function movedToNode(fd: number): number {
  const { addon } = loadNative();
  const place = addon === null ? -1 : placeOfNode();
  if (place !== -1) {
    if (addon!.moveFd(fd, place) === 0) {
      unknownToNode.delete(place);
      return place;
    }
    closeNowWithNode(place);
  }
  unknownToNode.add(fd);
  return fd;
}

function placeOfNode(): number {
  try {
    return openWithNode(devNull, "r");
  } catch {
    // None is left, or the permission model forbids it.
    return -1;
  }
}

/** Whether Node has to be the one that closes it. */
export const isNodes = (fd: number): boolean =>
  !isMainThread && !unknownToNode.delete(fd);
