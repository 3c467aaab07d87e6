// `npm run test:distributed -- [KIND ...] [--only CHECK,...] [--scale N] [--no-install]`: real distributed file systems, on hosts in network namespaces, and what
// must hold on them: see checks.mjs. It needs root, and installs Debian's packages where there is apt. Everything that it started is
// gone at its end, also after a failure or Ctrl-C. Prints a line of JSON for each check; ends with 1 where something did not hold.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import * as checks from "./checks.mjs";
import { CleanUp, run } from "./clean-up.mjs";
import * as gluster from "./gluster.mjs";
import { Network, whyNoNetwork } from "./network.mjs";
import * as nfs from "./nfs.mjs";
import * as sshfs from "./sshfs.mjs";

const kinds = { gluster, sshfs, nfs };
/** Longer than any deadline here, and than what clients wait before they believe that a server is gone. */
const CUT_MS = 30_000;
const OUTAGE_MS = 10_000;
const LONG_CUT_MS = 75_000;

/** Files of tests that are run with their folders on the mount. */
const testFiles = [
  "test/backends/conformance.test.ts",
  "test/api/files",
  "test/api/atomic/write-file-atomic.test.ts",
  "test/api/locks/lock.test.ts",
];

const { values, positionals } = parseArgs({
  options: {
    only: { type: "string" },
    scale: { type: "string", default: "100" },
    "no-install": { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const only = values.only?.split(",");
const cleanUp = new CleanUp();
const print = (line) => console.log(JSON.stringify(line));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-distributed-"));
cleanUp.add(folder, () => fs.rmSync(folder, { recursive: true }));

const whyNot = whyNoNetwork();
if (whyNot !== null) console.log(`left out: all (${whyNot})`);
else {
  fs.chmodSync(folder, 0o755);
  for (const name of positionals.length === 0
    ? Object.keys(kinds)
    : positionals)
    await runKind(name);
}
cleanUp.run();

async function runKind(name) {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`there is no ${name}`);
  // What one file system leaves is not to be there for the next.
  const own = new CleanUp(cleanUp);
  const place = path.join(folder, name);
  fs.mkdirSync(place);
  try {
    install(kind.packages);
    const network = new Network(own);
    const system = await kind.start({ network, folder: place, cleanUp: own });
    console.log(`${name}: ${system.version}`);
    await runChecks(name, { ...system, folder: place });
  } catch (error) {
    // What the machine refuses is said, and is no defect of ours; a check that throws is one.
    console.log(`left out: ${name} (${error.message})`);
  } finally {
    own.run();
  }
}

function install(packages) {
  const isThere = (one) => {
    try {
      return run("dpkg-query", "-W", "-f", "${Status}", one).includes(
        "ok installed",
      );
    } catch {
      return false;
    }
  };
  const missing = packages.filter((one) => !isThere(one));
  if (missing.length === 0) return;
  if (values["no-install"])
    throw new Error(`not installed: ${missing.join(" ")}`);
  run("apt-get", "update", "-qq");
  run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing);
}

async function runChecks(kind, system) {
  const given = {
    ...system,
    ...{ testFiles, scale: Number(values.scale), leaseMs: 10_000 },
    deadlineMs: 3000,
  };
  const [{ host }] = system.clients;
  const cut = {
    ...{ what: "cut", leaves: true },
    begin: () => host.cut(),
    end: () => host.join(),
  };
  const all = {
    probe: () => checks.probe(given),
    conformance: () => checks.conformance(given),
    differential: () => checks.differential(given),
    replacing: () => checks.replacing(given),
    appending: () => checks.appending(given),
    "lock within a mount": () => checks.locking("lock", given, false),
    "lock across mounts": () => checks.locking("lock", given, true),
    "lease across mounts": () =>
      checks.locking("lease", { ...given, leaseMs: 3000 }, true),
    ...Object.fromEntries(
      system.failures.map((failure) => [
        failure.what,
        () => checks.outage(given, failure, OUTAGE_MS),
      ]),
    ),
    "network cut for 30 s": () => checks.outage(given, cut, CUT_MS),
    "lock holder cut off for 30 s": () => checks.cutOff(given, CUT_MS),
    "lock holder cut off for 75 s": () => checks.cutOff(given, LONG_CUT_MS),
  };
  for (const [check, work] of Object.entries(all)) {
    if (only !== undefined && !only.some((part) => check.includes(part)))
      continue;
    const sinceMs = performance.now();
    let found;
    try {
      await system.ready?.();
      found = await work();
    } catch (error) {
      found = { wrong: [error.message] };
    }
    const took = Math.round((performance.now() - sinceMs) / 1000);
    const known = system.known?.[check];
    print({
      kind,
      check,
      took,
      ...(known === undefined ? {} : { known }),
      ...found,
    });
    if (known === undefined && (found.wrong?.length ?? 0) !== 0)
      process.exitCode = 1;
  }
}
