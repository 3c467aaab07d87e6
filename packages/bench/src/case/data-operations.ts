// Transfers of blocks of open files as operations: where they go, in which direction, and when a sync is
// due. It knows neither clocks nor who provides the functions.
import fs from "node:fs";
import { isRandom, reads, writes, type Case } from "../case.ts";
import type { Api } from "./apis.ts";
import type { Operations } from "./operation.ts";
import { everySoMany, positions, randomNumbers } from "./positions.ts";

export async function dataOperations(
  api: Api,
  work: Case,
  thread: number,
): Promise<Operations> {
  const { blockBytes, fileBytes, paths, depth, fsyncEvery } = work;
  const { O_RDONLY, O_RDWR } = fs.constants;
  const flags = writes(work.work) ? O_RDWR : O_RDONLY;
  const handles = await Promise.all(paths.map((path) => api.open(path, flags)));
  const buffers = Array.from({ length: depth }, () => api.buffer(blockBytes));
  const perFile = Math.floor(fileBytes / blockBytes);
  const blocks = perFile * handles.length;
  const next = positions({
    count: blocks,
    random: isRandom(work.work),
    once: work.once,
    seed: work.seed + thread,
    start: Math.floor((blocks / work.threads) * thread),
  });
  const isWrite = directions(work, thread);
  const syncDue = everySoMany(writes(work.work) ? fsyncEvery : 0);
  const where = (
    block: number,
  ): [handle: (typeof handles)[number], position: number] => [
    handles[Math.floor(block / perFile)]!,
    (block % perFile) * blockBytes,
  ];
  return {
    op: reads(work.work) ? "read" : "write",
    bytesEach: blockBytes,
    promise(lane) {
      const block = next();
      if (block === -1) return false;
      const [handle, position] = where(block);
      if (!isWrite())
        return handle.read(buffers[lane]!, 0, blockBytes, position);
      const writing = handle.write(buffers[lane]!, 0, blockBytes, position);
      if (!syncDue()) return writing;
      return writing.then((answer) => handle.datasync().then(() => answer));
    },
    callback(lane, done) {
      const block = next();
      if (block === -1) return false;
      const [{ fd }, position] = where(block);
      if (!isWrite())
        api.fs.read(fd, buffers[lane]!, 0, blockBytes, position, done);
      else if (!syncDue())
        api.fs.write(fd, buffers[lane]!, 0, blockBytes, position, done);
      else
        api.fs.write(
          fd,
          buffers[lane]!,
          0,
          blockBytes,
          position,
          (error, bytes) => {
            if (error) done(error);
            else api.fs.fdatasync(fd, (error) => done(error, bytes));
          },
        );
      return true;
    },
    sync(lane) {
      const block = next();
      if (block === -1) return false;
      const [{ fd }, position] = where(block);
      if (!isWrite())
        return fs.readSync(fd, buffers[lane]!, 0, blockBytes, position);
      const bytes = fs.writeSync(fd, buffers[lane]!, 0, blockBytes, position);
      if (syncDue()) fs.fdatasyncSync(fd);
      return bytes;
    },
    verify(answer) {
      const bytes = typeof answer === "number" ? answer : transferred(answer);
      if (bytes !== blockBytes)
        throw new Error(
          `${bytes} bytes were transferred and not ${blockBytes}`,
        );
    },
    close: async () =>
      void (await Promise.all(handles.map((handle) => handle.close()))),
  };
}

function transferred(answer: unknown): number {
  const { bytesRead, bytesWritten } = answer as {
    bytesRead?: number;
    bytesWritten?: number;
  };
  return bytesRead ?? bytesWritten ?? -1;
}

/** Of mixed work the seed says which transfer is a write. */
function directions(
  { work, seed, readPercent }: Case,
  thread: number,
): () => boolean {
  const both = reads(work) && writes(work);
  if (!both) return () => writes(work);
  const next = randomNumbers(~(seed + thread));
  return () => next() % 100 >= readPercent;
}
