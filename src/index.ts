// The main door: instances of one's own, the shared one, batches, and the types. It has nothing of its own.
export { Eio, createEio, eio } from "./api/create.ts";
export type { EioOptions } from "./api/instance/options.ts";
export type { EioEvents } from "./api/instance/events.ts";
export type { LaneOptions, MountOptions } from "./api/instance/lane-options.ts";
export type { EioProfile } from "./api/instance/profile.ts";
export type { RequestOptions } from "./api/request-options.ts";
export type {
  AtomicData,
  AtomicOptions,
} from "./api/atomic/write-file-atomic.ts";
export type { FileLock } from "./api/locks/file-lock.ts";
export type { LeaseLock } from "./api/locks/lease-lock.ts";
export type { LeaseLockOptions, LockOptions } from "./api/locks/options.ts";
export type { AppendLog } from "./api/log/append-log.ts";
export type { AppendLogOptions } from "./api/log/options.ts";
export type { CopiedFile, CopyFileOptions } from "./api/files/copy-file.ts";
export type { CpOptions } from "./api/trees/cp-report.ts";
export type { LogRecord, ReadLogOptions } from "./api/log/reader.ts";
export type { AllocOptions } from "./api/direct/alloc.ts";
export type { DirectFileHandle } from "./api/direct/handle.ts";
export type { DirectOptions } from "./api/direct/open.ts";
export type { RequestEvent } from "./api/observe/describe.ts";
export type { OpenHandle } from "./api/observe/handles.ts";
export type {
  TimedListener,
  TimedOptions,
  TimedRequest,
} from "./api/observe/timed.ts";
export type {
  OnSlowOptions,
  SlowListener,
  SlowOperation,
  SlowOptions,
} from "./api/observe/slow.ts";
export type {
  EioStats,
  MemoryUsage,
  OpStats,
  TimeStats,
  WaitAndRun,
} from "./api/observe/stats.ts";
export type { CustomOptions } from "./api/custom.ts";
export type { Executor } from "./api/executor/executor.ts";
export type {
  CallOptions,
  ExecutorOptions,
  SessionOptions,
  StreamOptions,
} from "./api/executor/options.ts";
export type { ExecutorStats } from "./api/executor/scheduler.ts";
export type { Tail } from "./api/tail/tail.ts";
export type { TreeWatcher } from "./api/watch-tree/watch-tree.ts";
export type { WatchTreeOptions } from "./api/watch-tree/options.ts";
export type { WatchEvent } from "./api/watch-tree/events.ts";
export type { TailOptions, TailPosition } from "./api/tail/options.ts";
export type { Session } from "./api/executor/session.ts";
export type { EioFs, EioPromises, FileHandle } from "./api/types.ts";
export type {
  Range,
  RangeRead,
  ReadManyOptions,
} from "./api/batches/read-many.ts";
export { Group } from "./api/groups/group.ts";
export type { GroupOptions, GroupPromises } from "./api/groups/group.ts";
export type { MapOptions } from "./api/groups/map.ts";
export { WorkingDirectory } from "./api/working-directories/working-directory.ts";
export type {
  WdFs,
  WdPromises,
} from "./api/working-directories/working-directory.ts";
export type { OpenWdOptions } from "./api/working-directories/open.ts";
export type {
  SendFileOptions,
  SendFileSource,
} from "./api/send-file/send-file.ts";
export type { EioSys } from "./api/sys/sys.ts";
export type { BackendName, Probe, RunnerName } from "./backends/backend.ts";
export type { LaneState } from "./engine/engine.ts";
export type { StuckRequest } from "./api/observe/stuck-request.ts";
export type { ThreadLimits } from "./backends/thread-limits.ts";
export type { MisuseCode as EioErrorCode } from "./util/errors.ts";
