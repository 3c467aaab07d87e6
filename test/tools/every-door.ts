// A program of a user's that imports every door, to be compiled by each compiler, in each mode of its modules. It runs, too:
// as the application of tsx and ts-node.
import assert from "node:assert/strict";
import nodeFs, { type Dirent, type Stats } from "node:fs";
import { eio, createEio, type Eio, type EioErrorCode } from "node-eio";
import promises, { open, readFile, type FileHandle } from "node-eio/promises";
import * as promisesDoor from "node-eio/promises";
import fs, { stat } from "node-eio/fs";
import * as fsDoor from "node-eio/fs";
import { isRegistered, register, unregister } from "node-eio/register";
import { eio_nop, type EioRequest } from "node-eio/eio";
import { plan, type FaultPlan } from "node-eio/faults";
import { LogStream } from "node-eio/log-stream";
import { serveStatic } from "node-eio/serve";
import connect, { type ConnectMiddleware } from "node-eio/connect";
import eioStatic from "node-eio/fastify";
import { livePage, type LivePageHandler } from "node-eio/live";
import { collect } from "node-eio/prometheus";
import { instrument, type Instrumentation } from "node-eio/opentelemetry";

/** Compiles only where the type of the value is T: neither another one nor `any`. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;
declare global {
  /** Nothing at run time. */
  var exactly: <T>() => <V>(
    value: V,
    ...no: Same<T, V> extends true ? [] : [never]
  ) => void;
}
globalThis.exactly = () => () => {};

// Where a program wants Node's module, one of ours will do, by whichever types of Node's it is compiled.
export const modules: {
  fs: Omit<typeof nodeFs, "default">[];
  promises: Omit<typeof nodeFs.promises, "default">[];
} = { fs: [fs, fsDoor], promises: [promises, promisesDoor] };

async function main(file: string, folder: string): Promise<void> {
  const text = await readFile(file, "utf8");
  exactly<string>()(text);
  const nodes = await nodeFs.promises.readFile(file);
  exactly<typeof nodes>()(await promises.readFile(file, { timeout: 1000 }));
  exactly<Stats>()(await promises.stat(file, { priority: 1 }));
  const entries = await promises.readdir(folder, { withFileTypes: true });
  exactly<Dirent[]>()(entries);
  const handle = await open(file);
  exactly<FileHandle>()(handle);
  await handle.close();
  // @ts-expect-error no such option
  const wrong = (): unknown => promises.access(file, 0, { priorty: 1 });
  exactly<() => unknown>()(wrong);

  fs.readFile(file, (_error, data) => exactly<typeof nodes>()(data));
  const size = await new Promise<number>((resolve) =>
    stat(file, (_error, stats) => resolve(stats.size)),
  );

  const own = createEio({ maxParallel: 2 });
  exactly<Eio>()(own);
  exactly<string>()(await own.promises.readFile(file, "utf8"));
  await own.close();
  const db = eio.executor<typeof import("node:path")>("node:path");
  exactly<string>()(await db.call("basename", ["/a/b"]));
  await db.close();

  const nop = await new Promise<EioRequest>((resolve) => {
    eio_nop(0, (request) => {
      resolve(request);
      return 0;
    });
  });
  exactly<FaultPlan>()(plan({ seed: 1 }));
  const log = new LogStream({ dest: `${folder}.log`, sync: true });
  exactly<boolean>()(log.write("line\n"));
  log.end();
  register();
  const registered = isRegistered();
  unregister();

  const handler = serveStatic(folder);
  await handler.close();
  exactly<ConnectMiddleware>()(connect(folder));
  exactly<LivePageHandler>()(livePage());
  exactly<() => void>()(collect(eio, { prefix: "app_" }));
  const telemetry = instrument(eio, { spans: "all" });
  exactly<Instrumentation>()(telemetry);
  telemetry.stop();
  const code: EioErrorCode = "ERR_EIO_CLOSED";
  assert.equal(typeof eioStatic, "function");
  assert.equal(nodes.toString(), text);
  console.log(
    JSON.stringify({
      text,
      names: entries.map(({ name }) => name),
      ...{ size, registered, code, result: nop.result },
    }),
  );
}

const [file = "", folder = ""] = process.argv.slice(2);
void main(file, folder);
