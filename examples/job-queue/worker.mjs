// A worker: does one job after the other with the function that a module exports, and reports how each ended. It has no state, and
// may be killed at any time.
const { default: work } = await import(process.argv[2]);

/** Where the primary is gone, this process follows it. */
const report = (message) => process.send(message, () => {});

process.on("message", async ({ id, job }) => {
  try {
    report({ id, result: (await work(job, id)) ?? null });
  } catch (error) {
    report({ id, error: String(error) });
  }
});
// Ctrl-C reaches the whole group: the primary decides when a worker ends.
process.on("SIGINT", () => {});
report({ ready: true });
