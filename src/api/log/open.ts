// How a log is opened: for its one writer, who holds a lock as long as it is open, or for readers. It does not know how records
// are found or written.
import { dirname } from "node:path";
import { misuseError } from "../../util/errors.ts";
import type { Lock } from "../locks/lock.ts";
import type { Submitter } from "../submitter.ts";
import { syncFolder } from "../sync-folder.ts";
import { AppendLog, openFlags } from "./append-log.ts";
import { readLogOptions, type AppendLogOptions } from "./options.ts";
import { recover } from "./recover.ts";
import { filesUnder, type InstanceFiles, type LogFiles } from "./files.ts";

export { readLog } from "./reader.ts";

const LOCK = "lock";
const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? "";

/** The folder is made where there is none. */
export async function openLog(
  given: InstanceFiles,
  engine: () => Submitter,
  path: string,
  chosen: AppendLogOptions = {},
): Promise<AppendLog> {
  const options = readLogOptions(chosen);
  const files = filesUnder(given, engine, options);
  await files.promises.mkdir(path).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
  await syncFolder(files, dirname(path));
  const lock = await lockLog(files, path);
  try {
    const throws = options.onCorrupt === "throw";
    const how = openFlags(options);
    const opened = await recover(files, path, throws, how);
    return new AppendLog(files, path, options, lock, opened);
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** null: there are no locks here, and the caller has to see to it. */
async function lockLog(files: LogFiles, path: string): Promise<Lock | null> {
  try {
    return await files.lock(`${path}/${LOCK}`, { wait: false });
  } catch (error) {
    if (codeOf(error) === "ERR_EIO_LOCK_UNAVAILABLE") return null;
    throw codeOf(error) === "EAGAIN"
      ? misuseError("ERR_EIO_LOG_LOCKED", path)
      : error;
  }
}
