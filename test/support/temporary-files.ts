// Where the temporary files of a test file are: in memory where there is room for them, since to make and remove a folder on a disk
// takes twenty times as long, and tests do little else; on the disk if the file is about what only a disk has, by its text. A whole
// run (EIO_WHOLE=1) has all of them on the disk. It knows no test.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const MEMORY = "/dev/shm";
/** Of a run that was measured, many times what was there at a time. */
export const LEAST_BYTES = 2 * 2 ** 30;
const NAME = /^node-eio-tests-(\d+)$/;

const OF_A_DISK: readonly RegExp[] = [
  // What is read past the page cache, or is not in it.
  /\b(?:openDirect|O_DIRECT|mincore|fadvise|cold)\b/,
  // What the loop's own lanes read is another way on a file system in memory.
  /\b(?:nowait|uring)\b/,
  // Where the bytes are, and how many blocks they take.
  /\b(?:fiemap|fallocate|FICLONE|xattrs?)\b|\bsys\/emulated-|copy-file-suite/,
  // A second file system, which the one in memory is.
  /\/dev\/shm|\bisElsewhere\b|"\.\/sides\.ts"/,
];

export const needsDisk = (text: string): boolean =>
  OF_A_DISK.some((rule) => rule.test(text));

/** The part of the environment that says where they are, by the text of a test file. */
export type TemporaryFiles = (text: string) => { TMPDIR?: string };

export function temporaryFiles(
  isWhole: boolean,
  memory = MEMORY,
): TemporaryFiles {
  if (isWhole || bytesFree(memory) < LEAST_BYTES) return () => ({});
  removeThoseOfTheDead(memory);
  const TMPDIR = path.join(memory, `node-eio-tests-${process.pid}`);
  fs.mkdirSync(TMPDIR);
  // Other users have files there, too.
  fs.chmodSync(TMPDIR, 0o1777);
  process.on("exit", () => fs.rmSync(TMPDIR, { recursive: true, force: true }));
  const disk = { TMPDIR: os.tmpdir() };
  return (text) => (needsDisk(text) ? disk : { TMPDIR });
}

export function bytesFree(memory: string): number {
  try {
    const { bavail, bsize } = fs.statfsSync(memory);
    return Math.min(bavail * bsize, os.freemem());
  } catch {
    return 0;
  }
}

/** What was killed has removed nothing. */
function removeThoseOfTheDead(memory: string): void {
  for (const name of fs.readdirSync(memory)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid === undefined || fs.existsSync(`/proc/${pid}`)) continue;
    try {
      fs.rmSync(path.join(memory, name), { recursive: true, force: true });
    } catch {
      // A file system of a test that was killed is still mounted there.
    }
  }
}
