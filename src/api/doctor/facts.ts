// Everything that the doctor looks at, gathered: what this Node, this system and this process are to the library. It judges nothing.
import fs from "node:fs";
import os from "node:os";
import type { BackendName, Probe } from "../../backends/backend.ts";
import { loadNative } from "../../backends/native.ts";
import { listBackends, preferredBackend } from "../../backends/select.ts";
import { packageRoot, packageVersion } from "../../util/package.ts";
import { defaultOptions } from "../instance/default-options.ts";
import {
  optionsFrom,
  optionsFromEnvironment,
} from "../instance/given-options.ts";
import { containerOf, type Container, type ReadText } from "./container.ts";
import {
  groupLimitsOf,
  limitsOf,
  type GroupLimits,
  type Limits,
} from "./limits.ts";
import { placesOf, type Place } from "./places.ts";

export interface Facts {
  version: string;
  node: string;
  libuv: string;
  /** One that passes for Node: `Bun 1.3`. */
  otherRuntime: string | null;
  platform: string;
  arch: string;
  kernel: string;
  container: Container | null;
  native:
    | { loaded: true; file: string; origin: "built" | "prebuilt" | "given" }
    | { loaded: false; reason: string };
  /** What `auto` takes. */
  backend: BackendName;
  backends: Record<BackendName, Probe>;
  /** kernel.io_uring_disabled; null where the kernel has no such switch. */
  ioUringDisabled: number | null;
  /** Whether a filter decides which system calls are allowed. */
  seccomp: boolean;
  /** What the permission model does not allow. */
  denied: ("worker" | "addon")[];
  limits: Limits | null;
  group: GroupLimits;
  processors: { model: string; count: number; usable: number };
  memoryBytes: number;
  /**
   * Copies to memory that lies 1 to so many bytes further into its page than the source are slow on this processor, and
   * are made another way; 0: none are. null: not measured, without native code.
   */
  slowCopies: number | null;
  threads: { most: number; now: number | null };
  environment: Record<string, string>;
  /** What is wrong with it. */
  environmentProblem: string | null;
  places: Place[];
}

const readText: ReadText = (path) => {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

export function gatherFacts(
  paths: readonly string[],
  read: ReadText = readText,
  env: NodeJS.ProcessEnv = process.env,
): Facts {
  const { bun, deno } = process.versions;
  const sysctl = read("/proc/sys/kernel/io_uring_disabled");
  const status = read("/proc/self/status") ?? "";
  return {
    version: packageVersion(),
    node: process.versions.node,
    libuv: process.versions.uv,
    otherRuntime:
      bun === undefined
        ? deno === undefined
          ? null
          : `Deno ${deno}`
        : `Bun ${bun}`,
    platform: process.platform,
    arch: process.arch,
    kernel: os.release(),
    container: containerOf(read, env),
    native: nativeFacts(env),
    backend: preferredBackend(),
    backends: listBackends(),
    ioUringDisabled: sysctl === null ? null : Number(sysctl),
    seccomp: /^Seccomp:\s*[12]/m.test(status),
    denied: deniedHere(),
    limits: limitsOf(read),
    group: groupLimitsOf(read),
    processors: processorFacts(),
    memoryBytes: os.totalmem(),
    slowCopies: loadNative().addon?.slowCopies() ?? null,
    ...optionFacts(Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? NaN)),
    environment: Object.fromEntries(
      Object.entries(env).filter(
        (entry): entry is [string, string] =>
          entry[0].startsWith("NODE_EIO_") && entry[1] !== undefined,
      ),
    ),
    places: placesOf(paths, read),
  };
}

function nativeFacts(env: NodeJS.ProcessEnv): Facts["native"] {
  const found = loadNative();
  if (found.addon === null) return { loaded: false, reason: found.reason };
  const { file } = found;
  if (file === env["NODE_EIO_NATIVE"])
    return { loaded: true, file, origin: "given" };
  const isPrebuilt = file.startsWith(`${packageRoot}prebuilds`);
  return { loaded: true, file, origin: isPrebuilt ? "prebuilt" : "built" };
}

function deniedHere(): Facts["denied"] {
  const { permission } = process as {
    permission?: { has(scope: string): boolean };
  };
  if (permission === undefined) return [];
  return (["worker", "addon"] as const).filter(
    (scope) => !permission.has(scope),
  );
}

function processorFacts(): Facts["processors"] {
  const all = os.cpus();
  return {
    model: all[0]?.model.trim() ?? "unknown",
    count: all.length,
    usable: os.availableParallelism(),
  };
}

/** The options of the shared instance, as the environment sets them. */
function optionFacts(
  now: number,
): Pick<Facts, "threads" | "environmentProblem"> {
  const threads = (most: number): Facts["threads"] => ({
    most,
    now: Number.isNaN(now) ? null : now,
  });
  try {
    const { limits } = optionsFrom(optionsFromEnvironment());
    return {
      threads: threads(limits.maxParallel),
      environmentProblem: null,
    };
  } catch (error) {
    const { limits } = defaultOptions();
    return {
      threads: threads(limits.maxParallel),
      environmentProblem: (error as Error).message,
    };
  }
}
