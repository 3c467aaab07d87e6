// Makes prebuilds/<platform>-<arch>-<libc>/node-eio.node, the binaries that travel in the tarball: stripped,
// of few and old symbols, and proven to load. A binary that cannot be made here is reported in one line; with --required (npm pack, npm
// publish) it is an error that one is missing which the package promises, and all are proven once more. npm also runs it before
// `npm run build`, so what is current is left as it is.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { isCurrent } from "./support/native-current.mjs";
import { prove } from "./support/prebuild-proof.mjs";
import { targetsOn } from "./support/prebuild-targets.mjs";
import { fileOf, lackedBy, promised, refusal } from "./support/prebuilds.mjs";

const root = path.resolve(import.meta.dirname, "..");
const required = process.argv.includes("--required");
const madeBy = [
  "scripts/prebuild.mjs",
  "scripts/support/elf.mjs",
  "scripts/support/prebuild-proof.mjs",
  "scripts/support/prebuild-targets.mjs",
];

const { CC: cc = "gcc" } = process.env;
const { stdout: triplet } = spawnSync(cc, ["-dumpmachine"], {
  encoding: "utf8",
});
const targets = targetsOn(process.arch, {
  cc,
  isMusl: triplet?.includes("musl") ?? false,
});

const outcomes = targets.map((target) => ({ target, ...make(target) }));
const there = outcomes
  .filter(({ reason }) => reason === null)
  .map(({ target: { name }, proof }) => `${name}${proof && ` (${proof})`}`);
const not = outcomes
  .filter(({ reason }) => reason !== null)
  .map(({ target: { name }, reason }) => `${name} (${reason})`);
console.log(
  `prebuilds: ${[there.join(", "), not.length > 0 && `not made: ${not.join(", ")}`].filter(Boolean).join("; ")}`,
);
const lacked = lackedBy(
  promised.map(fileOf).filter((file) => fs.existsSync(path.join(root, file))),
);
if (required && lacked.length > 0) {
  console.error(refusal(lacked));
  process.exitCode = 1;
}

/** `reason`: why there is none; null where it is there. `proof`: how it was seen to load, in this run. */
function make(target) {
  if (process.platform !== "linux")
    return { reason: "it is for Linux", proof: "" };
  const file = path.join(root, fileOf(target.name));
  if (isCurrent(file, madeBy))
    return required ? proven(file, target) : { reason: null, proof: "" };
  fs.rmSync(file, { force: true });
  const fresh = path.join(
    root,
    `native-aio/build/prebuild/${target.name}.node`,
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    ["scripts/build-native.mjs", "--required", `--out=${fresh}`],
    {
      cwd: root,
      encoding: "utf8",
      env: {
        ...process.env,
        CC: target.compiler,
        EIO_CFLAGS: target.flags,
        EIO_LDFLAGS: "-s",
      },
    },
  );
  if (status !== 0)
    return {
      reason: /not built \((.*?)(\); the pool|\n|$)/.exec(stdout)[1],
      proof: "",
    };
  const outcome = proven(fresh, target);
  if (outcome.reason !== null) return outcome;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.renameSync(fresh, file);
  return outcome;
}

/** One that is wrong is removed. */
function proven(file, target) {
  const { wrong, proof } = prove(file, target, { mayFetch: required });
  if (wrong === null) return { reason: null, proof };
  // Not a machine that lacks something, but code that would not run for somebody else.
  console.error(`prebuilds: ${target.name} is wrong: ${wrong}`);
  process.exitCode = 1;
  fs.rmSync(file);
  return { reason: "see above", proof: "" };
}
