// What to change, by what was found: each finding with the reason and the command or option. It judges facts, and gathers none.
import type { Facts } from "./facts.ts";

export interface Advice {
  /** Something does not work, or will not under load; else it is a matter of speed or of taste. */
  needed: boolean;
  what: string;
  /** A command, an option or a setting. */
  change: string;
}

/** Of a busy server: connections and files together. */
const OPEN_FILES_MIN = 4096;
/** What Node itself starts, and some of a program's own. */
const OTHER_THREADS = 16;
/** An instance reserves about 136 MiB of addresses; a page counts once it is used. */
const SMALL_MEMORY_BYTES = 256 * 2 ** 20;
/** A worker of the portable pool's V8 reserves as much. */
const ADDRESS_MIN_BYTES = 8 * 2 ** 30;
const LOCKED_MIN_BYTES = 8 * 2 ** 20;
/** The pool's own default where there are few processors. */
const PARALLEL = 8;
/** openat2: paths that stay within a folder. */
const BENEATH_KERNEL = [5, 6] as const;

export function adviceFor(facts: Facts): Advice[] {
  return rules.flatMap((rule) => rule(facts) ?? []);
}

const must = (what: string, change: string): Advice => ({
  needed: true,
  what,
  change,
});
const may = (what: string, change: string): Advice => ({
  needed: false,
  what,
  change,
});

type Rule = (facts: Facts) => Advice | Advice[] | null;

const rules: Rule[] = [
  ({ environmentProblem }) =>
    environmentProblem === null
      ? null
      : must(
          `the shared instance cannot start: ${environmentProblem}`,
          "correct or unset the variable",
        ),
  withoutNative,
  withoutRing,
  ({ denied }) =>
    denied.map((scope) =>
      must(
        `the permission model allows no ${scope}s: requests run on what is left`,
        scope === "addon" ? "node --allow-addons" : "node --allow-worker",
      ),
    ),
  ({ limits }) =>
    limits !== null && limits.openFiles < OPEN_FILES_MIN
      ? must(
          `no more than ${limits.openFiles} files and connections can be open`,
          `ulimit -n 65536, LimitNOFILE=65536 (systemd), --ulimit nofile=65536 (docker); until then createEio({ fdGate: true }) waits for one`,
        )
      : null,
  ({ group, threads }) => {
    const left = group.pids - (group.pidsNow ?? 0);
    return left < threads.most + OTHER_THREADS
      ? must(
          `the control group allows ${group.pids} threads, ${left} more than there are, and the pool may start ${threads.most}`,
          `--pids-limit (docker), podPidsLimit (kubernetes), TasksMax= (systemd), or NODE_EIO_MAX_PARALLEL=${Math.max(1, Math.min(threads.most, left - OTHER_THREADS))}`,
        )
      : null;
  },
  ({ limits, threads }) =>
    limits !== null && limits.processes < threads.most + OTHER_THREADS
      ? must(
          `the user may have ${limits.processes} threads in all, and the pool may start ${threads.most}`,
          "ulimit -u, LimitNPROC= (systemd)",
        )
      : null,
  ({ limits, native }) =>
    limits !== null && !native.loaded && limits.addressBytes < ADDRESS_MIN_BYTES
      ? must(
          "ulimit -v leaves no room for workers of the portable pool",
          "ulimit -v unlimited",
        )
      : null,
  ({ limits, backends }) =>
    limits !== null &&
    backends.uring.available &&
    limits.lockedBytes < LOCKED_MIN_BYTES
      ? may(
          `memory of a ring cannot be registered: ulimit -l is ${limits.lockedBytes / 1024} KiB`,
          "ulimit -l 65536, LimitMEMLOCK=64M (systemd), --ulimit memlock=67108864 (docker)",
        )
      : null,
  ({ group, threads, processors }) => {
    const usable = Math.min(group.processors, processors.usable);
    return threads.most > Math.max(PARALLEL, usable)
      ? may(
          `the pool may have ${threads.most} threads on ${rounded(usable)} processors`,
          `NODE_EIO_MAX_PARALLEL=${Math.max(PARALLEL, Math.ceil(usable))}`,
        )
      : null;
  },
  ({ group }) =>
    group.memoryBytes < SMALL_MEMORY_BYTES
      ? may(
          `the control group has ${Math.round(group.memoryBytes / 2 ** 20)} MiB of memory`,
          "createEio({ slots: 256, arenaBytes: 16 * 2 ** 20, allocBytes: 16 * 2 ** 20 })",
        )
      : null,
  ({ places }) => {
    const remote = places.filter((place) => place.remote);
    if (remote.length === 0) return null;
    const names = remote.map(({ path, type }) => `${path} (${type})`);
    return must(
      `${names.join(", ")} can stop responding, and then holds the threads that call it`,
      "createEio({ isolateMounts: true }), and { timeout } for each call",
    );
  },
  ({ platform, kernel }) => {
    const [major = 0, minor = 0] = kernel.split(".").map(Number);
    const [wantMajor, wantMinor] = BENEATH_KERNEL;
    const older =
      major < wantMajor || (major === wantMajor && minor < wantMinor);
    return platform === "linux" && older
      ? may(
          `Linux ${kernel} has no openat2: beneath and node-eio serve refuse to work`,
          `Linux ${wantMajor}.${wantMinor} or later`,
        )
      : null;
  },
];

function withoutNative({
  native,
  platform,
  arch,
  otherRuntime,
  environment,
  denied,
}: Facts): Advice | null {
  if (native.loaded || denied.includes("addon")) return null;
  const what = `the portable pool does the work: ${native.reason}`;
  if (otherRuntime !== null)
    return may(what, `node, or ${otherRuntime.split(" ")[0]}'s own fs`);
  if (platform !== "linux") return may(what, "nothing: there is none yet");
  if (environment["NODE_EIO_NATIVE"] !== undefined)
    return must(what, "unset NODE_EIO_NATIVE");
  return must(
    what,
    `the package has binaries for x64 and arm64, with glibc 2.17 or later and with musl; without one that fits (this is ${arch}), npm run build:native in a checkout, and NODE_EIO_NATIVE=/path/to/node-eio.node`,
  );
}

function withoutRing(facts: Facts): Advice | null {
  const { uring } = facts.backends;
  if (uring.available || !facts.native.loaded) return null;
  const what = `no io_uring: ${uring.reason}`;
  const worth =
    "is it worth it? npx node-eio bench --rw randread,stat --iodepth 1,64 on the host";
  if ((facts.ioUringDisabled ?? 0) > 0)
    return may(
      what,
      `sysctl kernel.io_uring_disabled=0 on the host (${facts.ioUringDisabled} now); ${worth}`,
    );
  if (facts.seccomp || facts.container !== null)
    return may(
      what,
      `allow io_uring_setup, io_uring_enter and io_uring_register in the seccomp profile; ${worth}`,
    );
  return may(what, "Linux 5.11 or later, built with io_uring");
}

const rounded = (count: number): number => Math.round(count * 100) / 100;
