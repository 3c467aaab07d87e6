// Work on paths as operations: what each calls, and on which file or folder. It knows neither clocks nor
// who provides the functions.
import fs from "node:fs";
import type { Case } from "../case.ts";
import type { Api } from "./apis.ts";
import type { Done, Operations } from "./operation.ts";
import { everySoMany, positions } from "./positions.ts";

export async function pathOperations(
  api: Api,
  work: Case,
  thread: number,
): Promise<Operations> {
  const { blockBytes, paths, scratch, fsyncEvery, depth } = work;
  const next = positions({
    count: paths.length,
    random: true,
    once: work.once,
    seed: work.seed + thread,
  });
  const data = Buffer.alloc(blockBytes, 7);
  const flush = { flush: fsyncEvery === 1 };
  const own = Array.from(
    { length: depth },
    (_, lane) => `${scratch}/${thread}-${lane}`,
  );
  const { promises } = api;
  const close = (): Promise<void> => Promise.resolve();
  const size = (answer: unknown): void => {
    if ((answer as Buffer).length !== blockBytes)
      throw new Error(
        `${(answer as Buffer).length} bytes were read and not ${blockBytes}`,
      );
  };
  const forEachPath = (
    op: string,
    bytesEach: number,
    verify: (answer: unknown) => void,
    ask: {
      promise(path: string): Promise<unknown>;
      callback(path: string, done: Done): void;
      sync(path: string): unknown;
    },
    pathOf: (lane: number) => string | undefined = () => paths[next()],
  ): Operations => ({
    op,
    bytesEach,
    verify,
    close,
    promise(lane) {
      const path = pathOf(lane);
      return path !== undefined && ask.promise(path);
    },
    callback(lane, done) {
      const path = pathOf(lane);
      if (path !== undefined) ask.callback(path, done);
      return path !== undefined;
    },
    sync(lane) {
      const path = pathOf(lane);
      return path !== undefined && ask.sync(path);
    },
  });
  const anything = (): void => {};
  switch (work.work) {
    case "stat":
      return forEachPath("stat", 0, anything, {
        promise: (path) => promises.stat(path),
        callback: (path, done) => api.fs.stat(path, done),
        sync: (path) => fs.statSync(path),
      });
    case "open":
      return forEachPath("open", 0, anything, {
        promise: (path) =>
          promises.open(path, "r").then((handle) => handle.close()),
        callback: (path, done) =>
          api.fs.open(path, "r", (error, fd) =>
            error ? done(error) : api.fs.close(fd, done),
          ),
        sync: (path) => fs.closeSync(fs.openSync(path, "r")),
      });
    case "readfile":
      return forEachPath("slurp", blockBytes, size, {
        promise: (path) => promises.readFile(path),
        callback: (path, done) => api.fs.readFile(path, done),
        sync: (path) => fs.readFileSync(path),
      });
    case "writefile": {
      const limit = everySoMany(work.once ? paths.length : 0);
      let ended = false;
      const pathOf = (lane: number): string | undefined => {
        if (ended) return undefined;
        ended = limit();
        return own[lane];
      };
      const ask = {
        promise: (path: string) => promises.writeFile(path, data, flush),
        callback: (path: string, done: Done) =>
          api.fs.writeFile(path, data, flush, done),
        sync: (path: string) => fs.writeFileSync(path, data, flush),
      };
      return forEachPath("spew", blockBytes, anything, ask, pathOf);
    }
    case "readdir": {
      // Listings of one folder at once can be shared: each lane has its own folder.
      const list = { withFileTypes: true } as const;
      const ask = {
        promise: (path: string) => promises.readdir(path, list),
        callback: (path: string, done: Done) =>
          api.fs.readdir(path, list, done),
        sync: (path: string) => fs.readdirSync(path, list),
      };
      const limit = everySoMany(work.once ? paths.length : 0);
      let ended = false;
      return forEachPath("scandir", 0, anything, ask, (lane) => {
        if (ended) return undefined;
        ended = limit();
        return paths[(thread * depth + lane) % paths.length];
      });
    }
    default:
      throw new TypeError(`${work.work} is not done on paths`);
  }
}
