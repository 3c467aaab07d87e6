// What the built package consists of, as data: its doors, its programs, and what is loaded late. It does not
// know how any of it is made.

/**
 * The doors, by their file in src/ and dist/. `property`: what the door is of the shared instance; require()
 * returns that object itself. `default`: the named export that is the default one, too.
 */
export const doors = {
  index: {},
  promises: { property: "promises" },
  fs: { property: "fs" },
  register: {},
  eio: { property: "eio" },
  faults: {},
  "log-stream": { default: "LogStream" },
  internal: {},
};

/** Programs of their own, which stay ES modules: name in dist/ to file. */
export const programs = {
  cli: "src/cli.ts",
};

/**
 * Where the shared instance is made, for the doors that are a property of it. `small`: what the core does not need and several
 * doors do; as files of their own they would take a third of a millisecond each.
 */
export const core = {
  name: "core",
  file: "src/api/create.ts",
  small: [
    "src/api/descriptors/prepare.ts",
    "src/api/handles/finalizer.ts",
    "src/api/register/overridden.ts",
  ],
};

/**
 * The same of what works in node:fs when no descriptor is left, or the package is gone. Their files are read at import, and
 * compiled when something of theirs is first used. Where a permission may be dropped, so are those of all the others.
 */
export const kept = {
  "file-handle": "src/api/handles/file-handle.ts",
  guard: "src/api/permissions/guard.ts",
  lanes: "src/engine/scheduler.ts",
  manual: "src/engine/manual-polling.ts",
  options: "src/api/instance/options.ts",
  opendir: "src/api/directories/opendir.ts",
  "own-thread": "src/backends/own-thread.ts",
  pool: "src/backends/pool.ts",
  streams: "src/api/streams/streams.ts",
};

/** What workers run, which the thread of the loop runs where none can start. It is built by itself, and kept as well. */
export const keptWorker = "worker";

/**
 * Modules of ours that are loaded when something of theirs is first used, not when what imports them is: name
 * in dist/ to file. Their importers in src/ know nothing of it.
 */
export const late = {
  ...kept,
  "lane-options": "src/api/instance/lane-options.ts",
  "null-backend": "src/backends/null.ts",
  "simulated-backend": "src/backends/memory-disk/simulated-backend.ts",
  profile: "src/api/instance/profile.ts",
  callbacks: "src/api/callbacks/callback-api.ts",
  "copy-file": "src/api/files/copy-file.ts",
  cp: "src/api/trees/cp.ts",
  "cp-report": "src/api/trees/cp-report.ts",
  glob: "src/api/trees/glob.ts",
  "mkdtemp-disposable": "src/api/promises/mkdtemp-disposable.ts",
  "send-file": "src/api/send-file/send-file.ts",
  sys: "src/api/sys/sys.ts",
  "eio-form": "src/api/eio/api.ts",
  atomic: "src/api/atomic/write-file-atomic.ts",
  direct: "src/api/direct/open.ts",
  group: "src/api/groups/group.ts",
  wd: "src/api/working-directories/open.ts",
  batches: "src/api/batches/batches.ts",
  tail: "src/api/tail/tail.ts",
  "watch-tree": "src/api/watch-tree/watch-tree.ts",
  "append-log": "src/api/log/open.ts",
  locks: "src/api/locks/locks.ts",
  "read-many": "src/api/batches/read-many.ts",
  custom: "src/api/custom.ts",
  executor: "src/api/executor/executor.ts",
  doctor: "src/api/doctor/doctor.ts",
  summary: "src/api/observe/summary.ts",
  stats: "src/api/observe/stats.ts",
  why: "src/api/observe/explain.ts",
};

/** Packages, and modules of Node's that cost milliseconds, that are loaded in the same way. */
export const latePackages = [
  "node:net",
  "node:os",
  "node:perf_hooks",
  "node:stream",
  "node:worker_threads",
];
