// What the doctor finds on machines that are described here, and what it says to change; and the command on this one. Real containers are not
// known here: their files are.
import { spawnSync } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { adviceFor } from "../../../src/api/doctor/advice.ts";
import { containerOf } from "../../../src/api/doctor/container.ts";
import { gatherFacts, type Facts } from "../../../src/api/doctor/facts.ts";
import { groupLimitsOf, limitsOf } from "../../../src/api/doctor/limits.ts";
import { placesOf } from "../../../src/api/doctor/places.ts";
import { reportLines } from "../../../src/api/doctor/report.ts";

const root = path.resolve(import.meta.dirname, "../../..");

const reading =
  (files: Record<string, string>) =>
  (name: string): string | null =>
    files[name] ?? null;

describe("a container", () => {
  it.each([
    ["nothing", {}, {}, null],
    ["a file of docker's", { "/.dockerenv": "" }, {}, "docker"],
    [
      "a file of podman's",
      { "/run/.containerenv": 'engine="podman-4.9.3"\n' },
      {},
      "podman",
    ],
    [
      "a variable of kubernetes'",
      { "/.dockerenv": "" },
      { KUBERNETES_SERVICE_HOST: "10.0.0.1" },
      "kubernetes",
    ],
    [
      "a variable of systemd's",
      {},
      { container: "systemd-nspawn" },
      "systemd-nspawn",
    ],
    [
      "a group of kubernetes'",
      { "/proc/self/cgroup": "0::/kubepods/besteffort/pod1/2" },
      {},
      "kubernetes",
    ],
    [
      "a root that is an overlay",
      {
        "/proc/self/mountinfo":
          "1 2 0:50 / / rw,relatime master:1 - overlay overlay rw\n",
      },
      {},
      "container",
    ],
    [
      "a root that is a disk",
      { "/proc/self/mountinfo": "1 2 8:1 / / rw - ext4 /dev/sda1 rw\n" },
      {},
      null,
    ],
  ])("shows by %s", (_what, files, env, kind) => {
    expect(
      containerOf(reading(files as Record<string, string>), env)?.kind ?? null,
    ).toBe(kind);
  });
});

describe("limits", () => {
  it("of a process are the soft ones, and none where it is unlimited", () => {
    const text = `Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 4096                 files
Max processes             unlimited            unlimited            processes
Max locked memory         65536                65536                bytes
Max address space         unlimited            unlimited            bytes\n`;
    expect(limitsOf(reading({ "/proc/self/limits": text }))).toEqual({
      openFiles: 1024,
      processes: Infinity,
      lockedBytes: 65536,
      addressBytes: Infinity,
    });
    expect(limitsOf(reading({}))).toBe(null);
  });

  it("of groups are the tightest on the way up", () => {
    const read = reading({
      "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/a/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/a/b/pids.max": "200\n",
      "/sys/fs/cgroup/a/b/pids.current": "17\n",
      "/sys/fs/cgroup/a/pids.max": "max\n",
      "/sys/fs/cgroup/memory.max": "268435456\n",
    });
    expect(groupLimitsOf(read)).toEqual({
      processors: 1.5,
      pids: 200,
      pidsNow: 17,
      memoryBytes: 268435456,
    });
  });

  it("of groups are read of version 1, whose limitless memory is none", () => {
    const read = reading({
      "/proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/x\n2:pids:/\n",
      "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/pids/pids.max": "64\n",
    });
    expect(groupLimitsOf(read)).toEqual({
      processors: 0.5,
      pids: 64,
      pidsNow: null,
      memoryBytes: Infinity,
    });
  });

  it("of groups that say nothing are none", () => {
    const none = {
      processors: Infinity,
      pids: Infinity,
      memoryBytes: Infinity,
    };
    expect(groupLimitsOf(reading({}))).toEqual({ ...none, pidsNow: null });
  });
});

describe("places", () => {
  const read = reading({
    "/proc/self/mountinfo": [
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
      "2 1 0:40 / /mnt/nfs rw - nfs4 server:/x rw",
      "3 1 0:41 / /tmp rw - tmpfs tmpfs rw",
      "",
    ].join("\n"),
  });
  it("are on the mount that is nearest above them, and remote where another machine answers", () => {
    const places = placesOf(["/mnt/nfs/a/b", "/tmp/x", "/mnt"], read);
    expect(
      places.map(({ point, type, remote }) => [point, type, remote]),
    ).toEqual([
      ["/mnt/nfs", "nfs4", true],
      ["/tmp", "tmpfs", false],
      ["/", "ext4", false],
    ]);
    expect(places[1]!.about).toContain("survives a restart");
  });
  it("show what calls mean there, and who says so, where others respond", () => {
    const places = placesOf(["/mnt/nfs", "/tmp", "/"], read);
    const text = reportLines(changed({ places }), []).join("\n");
    expect(text).toContain("renameat2 with flags: EINVAL [fs/nfs/dir.c]");
    expect(text.match(/\[open\(2\)\]/g)).toHaveLength(1);
    expect(places[2]!.meanings!.rename.what).toBe("all flags");
  });
  it("are not known without the kernel's table", () => {
    expect(placesOf(["/x"], reading({}))[0]).toMatchObject({
      point: null,
      remote: false,
    });
  });
});

const available = { available: true } as const;
const no = (reason: string) => ({ available: false, reason }) as const;

/** A machine on which nothing is wrong. */
const sound: Facts = {
  version: "0.2.0",
  node: "22.0.0",
  libuv: "1.48.0",
  otherRuntime: null,
  platform: "linux",
  arch: "x64",
  kernel: "6.8.0-31-generic",
  container: null,
  native: { loaded: true, file: "/x/node-eio.node", origin: "prebuilt" },
  backend: "uring",
  backends: {
    uring: available,
    nowait: available,
    aio: available,
    threads: available,
    pool: available,
    node: available,
    null: available,
  },
  ioUringDisabled: 0,
  seccomp: false,
  denied: [],
  limits: {
    openFiles: 65536,
    processes: 60000,
    lockedBytes: 8 * 2 ** 20,
    addressBytes: Infinity,
  },
  group: {
    processors: Infinity,
    pids: Infinity,
    pidsNow: null,
    memoryBytes: Infinity,
  },
  processors: { model: "A CPU", count: 4, usable: 4 },
  memoryBytes: 16 * 2 ** 30,
  slowCopies: 0,
  threads: { most: 8, now: 11 },
  environment: {},
  environmentProblem: null,
  places: [],
};
const changed = (change: Partial<Facts>): Facts => ({ ...sound, ...change });
const group = (change: Partial<Facts["group"]>): Facts =>
  changed({ group: { ...sound.group, ...change } });
const limits = (change: Partial<NonNullable<Facts["limits"]>>): Facts =>
  changed({ limits: { ...sound.limits!, ...change } });
const withoutRing = (change: Partial<Facts>): Facts =>
  changed({
    backend: "nowait",
    backends: { ...sound.backends, uring: no("io_uring_setup: EPERM") },
    ...change,
  });

describe("advice", () => {
  it("is none where nothing is wrong", () => {
    expect(adviceFor(sound)).toEqual([]);
    expect(reportLines(sound, []).at(-1)).toBe("Nothing to change.");
  });

  it.each<[string, Facts, boolean, string]>([
    ["few open files", limits({ openFiles: 1024 }), true, "ulimit -n"],
    ["few processes", limits({ processes: 20 }), true, "ulimit -u"],
    [
      "little locked memory for a ring",
      limits({ lockedBytes: 65536 }),
      false,
      "ulimit -l",
    ],
    [
      "few pids in the group",
      group({ pids: 40, pidsNow: 20 }),
      true,
      "NODE_EIO_MAX_PARALLEL=4",
    ],
    [
      "little memory in the group",
      group({ memoryBytes: 2 ** 27 }),
      false,
      "arenaBytes",
    ],
    [
      "more threads than a quota is worth",
      changed({
        threads: { most: 64, now: 11 },
        group: { ...sound.group, processors: 1.5 },
      }),
      false,
      "NODE_EIO_MAX_PARALLEL=8",
    ],
    [
      "a path that can hang",
      changed({
        places: [
          {
            ...{ path: "/mnt/x", point: "/mnt", type: "nfs4" },
            ...{ remote: true, about: "", meanings: null },
          },
        ],
      }),
      true,
      "isolateMounts",
    ],
    ["an old kernel", changed({ kernel: "5.4.0" }), false, "Linux 5.6"],
    ["a wrong variable", changed({ environmentProblem: "bad" }), true, "unset"],
    [
      "a permission that is missing",
      changed({ denied: ["worker"] }),
      true,
      "--allow-worker",
    ],
    [
      "no binary that fits",
      changed({
        native: { loaded: false, reason: "no binary" },
        arch: "arm64",
      }),
      true,
      "build:native",
    ],
    [
      "native code that is forbidden",
      changed({
        native: { loaded: false, reason: "forbidden" },
        environment: { NODE_EIO_NATIVE: "off" },
      }),
      true,
      "unset NODE_EIO_NATIVE",
    ],
    [
      "no ring in a container",
      withoutRing({ seccomp: true }),
      false,
      "seccomp profile",
    ],
    [
      "no ring on the whole host",
      withoutRing({ ioUringDisabled: 2 }),
      false,
      "io_uring_disabled=0",
    ],
    ["no ring in the kernel", withoutRing({}), false, "Linux 5.11"],
  ])("of %s says what to change", (_what, facts, needed, change) => {
    const advice = adviceFor(facts);
    expect(advice).toHaveLength(1);
    expect(advice[0]!.needed).toBe(needed);
    expect(advice[0]!.change).toContain(change);
  });

  it("comes with what is needed first, each with what to type", () => {
    const facts = withoutRing({ limits: { ...sound.limits!, openFiles: 256 } });
    const text = reportLines(facts, adviceFor(facts)).join("\n");
    expect(text.indexOf("  !  no more than 256")).toBeGreaterThan(-1);
    expect(text.indexOf("  -  no io_uring")).toBeGreaterThan(
      text.indexOf("  !  no more than 256"),
    );
  });

  it("fits on a screen, also on a machine where much is wrong", () => {
    const facts = changed({
      limits: { ...sound.limits!, openFiles: 256, lockedBytes: 0 },
      group: { ...sound.group, pids: 20, memoryBytes: 2 ** 27 },
      denied: ["worker"],
      kernel: "5.4.0",
      places: placesOf(
        ["/mnt"],
        reading({ "/proc/self/mountinfo": "1 0 0:9 / / rw - nfs4 s:/x rw" }),
      ),
    });
    expect(reportLines(facts, adviceFor(facts)).length).toBeLessThan(40);
  });
});

describe("this machine", () => {
  it("is described by what the library itself finds", () => {
    const facts = gatherFacts([root]);
    expect(facts.node).toBe(process.versions.node);
    expect(facts.threads.most).toBeGreaterThanOrEqual(8);
    expect(facts.backends[facts.backend]).toEqual({ available: true });
    expect(facts.places[0]!.path).toBe(root);
    if (facts.native.loaded) expect(facts.slowCopies).toBeGreaterThanOrEqual(0);
    else expect(facts.slowCopies).toBe(null);
  });
});

describe("node-eio doctor", () => {
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(
      process.execPath,
      [path.join(root, "dist/cli.js"), "doctor", ...args],
      {
        encoding: "utf8",
        env: { ...process.env, ...env },
      },
    );

  it("prints one screen without colours where nobody looks at a terminal", () => {
    const { status, stdout, stderr } = run([os.tmpdir()]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`Node         ${process.versions.node}`);
    expect(stdout).toContain(`files        ${os.tmpdir()}: `);
    expect(stdout).not.toContain("\u001b");
    expect(stdout.split("\n").length).toBeLessThan(40);
  });

  it("prints the same as JSON, with no limit as null", () => {
    const { status, stdout } = run(["--json"], { NODE_EIO_NATIVE: "off" });
    expect(status).toBe(0);
    const facts = JSON.parse(stdout) as Facts & {
      advice: { change: string }[];
    };
    expect(facts.native).toEqual({
      loaded: false,
      reason: "forbidden by NODE_EIO_NATIVE=off",
    });
    expect(facts.backend).toBe("pool");
    expect(facts.environment["NODE_EIO_NATIVE"]).toBe("off");
    expect(facts.advice.map(({ change }) => change)).toContain(
      "unset NODE_EIO_NATIVE",
    );
  });

  it("says which variable keeps the shared instance from starting", () => {
    const { status, stdout } = run([], { NODE_EIO_SLOTS: "many" });
    expect(status).toBe(0);
    expect(stdout).toMatch(
      / {2}! {2}the shared instance cannot start: .*NODE_EIO_SLOTS/,
    );
  });

  it("refuses an unknown option with its help, and prints that for --help", () => {
    const refused = run(["--jsno"]);
    expect([refused.status, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("Usage: node-eio doctor");
    const help = run(["--help"]);
    expect([help.status, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain("--json");
  });
});
