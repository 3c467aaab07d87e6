// Mistakes in what an instance says of itself to systems that collect: metrics, times and spans that are wrong, lost, or stay when they were taken away.
import { of } from "./mutation.mjs";

const test = "packages/live/test/opentelemetry.test.ts";

/** @type {import("./mutation.mjs").Mutation[]} */
export const telemetry = [
  ...of(
    "packages/live/src/opentelemetry.ts",
    test,
    ["settled - failed - cancelled", "settled - failed"],
    ["    meter.removeBatchObservableCallback(collect, instruments);\n", ""],
    ["    loop?.stop();\n", ""],
    ["stops.splice(0)", "stops.slice(0, 2)"],
    ["whole.record(waited + ran, ", "whole.record(waited, "],
    ["fill(delay()[which] / MS_PER_S)", "fill(delay()[which])"],
    ["      advice: { explicitBucketBoundaries: times.buckets },\n", ""],
    ['spans = "slow", slowMs', "spans = false, slowMs"],
    ["...own, ...named(more) }", "...named(more) }"],
    ["  checkNames(options, names);\n", ""],
    ["adds ? ", "!adds ? "],
  ),
  ...of(
    "packages/live/src/request-spans.ts",
    test,
    // Requests of other instances have spans here, too.
    ["if (!eio.owns(event)) return;", ""],
    // The root of a trace, and no child.
    ["      within,\n    );", "      undefined,\n    );"],
    ["{ afterMs: slowMs, stack", "{ afterMs: 0, stack"],
    ["now - operation.tookMs)", "now)"],
    [
      "span.setStatus({ code: this.#errorStatus, message: code });",
      "void this.#errorStatus;",
    ],
    ["paths && path !== undefined", "path !== undefined"],
    // They never end when it is stopped meanwhile, or somebody listens for ever.
    [
      "    if (open === 0) unsubscribe(SETTLED, settled);\n",
      "    unsubscribe(SETTLED, settled);\n",
    ],
    ["    if (stopped && open === 0) unsubscribe(SETTLED, settled);\n", ""],
    ["    unsubscribe(SUBMITTED, submitted);\n", ""],
  ),
  ...of(
    "src/api/observe/slow.ts",
    "test/api/observe/observe.test.ts",
    ["if (tookMs < watch.afterMs) continue;", ""],
    ["if (at !== -1) this.#all.splice(at, 1);", "this.#all.splice(at, 1);"],
    ["report(operation, value)", "report(operation, undefined)"],
  ),
  // Who looks for slow ones alone has the times of all counted.
  ...of("src/engine/metrics.ts", "test/api/observe/observe.test.ts", [
    "counted: sampled || this.#countsAll,",
    "counted: true,",
  ]),
  ...of(
    "packages/live/src/loop-delay.ts",
    "packages/live/test/loop-delay.test.ts",
    ["    loop.reset();\n", ""],
  ),
  ...of("packages/live/src/measures.ts", test, [
    "seen = { value: look() };",
    "return look();",
  ]),
  ...of(
    "packages/live/src/shared-options.ts",
    "packages/live/test/prometheus.test.ts",
    ["{ all: timeAll },", "{ all: true },"],
    ["bound <= bounds[i - 1]", "bound < 0"],
  ),
  ...of("packages/live/src/shared-options.ts", test, [
    "runMs / MS_PER_S",
    "runMs",
  ]),
  ...of(
    "packages/live/src/prometheus.ts",
    "packages/live/test/prometheus.test.ts",
    ["  checkNames(options, names);\n", ""],
  ),
  ...of("src/api/observe/observe.ts", "test/api/observe/observe.test.ts", [
    "    this.#own.add(operation);\n",
    "",
  ]),
];
