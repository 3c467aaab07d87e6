// Says whether a release can be made of what is here: versions, CHANGELOG, the working tree, the public API, and the tarballs,
// which it packs and has linted. It publishes nothing; that the tests pass is for `npm test` to say.
// Usage: npm run release:check (after npm run build)
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { packages } from "./support/packages.mjs";
import {
  apiChange,
  builtReports,
  committedReports,
} from "./support/public-api.mjs";
import {
  changelogProblem,
  licensesProblem,
  prebuildsProblem,
  provenanceProblem,
  scriptsProblem,
  sizeProblem,
  summary,
  treeProblem,
  versionProblem,
} from "./support/release-checks.mjs";

const root = path.resolve(import.meta.dirname, "..");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-release-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));

const folders = [".", ...Object.keys(packages).map((n) => `packages/${n}`)];
const read = (name) => fs.readFileSync(path.join(root, name), "utf8");
const manifests = folders.map((folder) =>
  JSON.parse(read(`${folder}/package.json`)),
);
const [core] = manifests;

const results = [];
/** What throws has failed, too. */
function check(name, look) {
  let problem;
  try {
    problem = look();
  } catch (error) {
    problem = error.message;
  }
  results.push({ name, problem });
}

check("versions of the packages agree", () => versionProblem(manifests));
check(`CHANGELOG has a section of ${core.version}`, () =>
  changelogProblem(read("CHANGELOG.md"), core.version),
);
check("the working tree is clean", () =>
  treeProblem(run("git", ["status", "--porcelain"])),
);
check("the public API is that of docs/api-report", () =>
  apiChange(committedReports(), builtReports()),
);
spawnSync(process.execPath, ["scripts/prebuild.mjs"], { cwd: root });
folders.forEach((folder, i) => checkPackage(folder, manifests[i]));

console.log(summary(results));
process.exitCode = results.every(({ problem }) => problem === null) ? 0 : 1;

function checkPackage(folder, manifest) {
  const { name } = manifest;
  check(`${name}: no script runs when it is installed`, () =>
    scriptsProblem(manifest),
  );
  check(`${name}: fit for provenance`, () =>
    provenanceProblem(manifest, folder),
  );
  let packed;
  check(`${name}: packs`, () => {
    packed = pack(folder);
    return null;
  });
  if (packed === undefined) return;
  if (name === core.name) {
    check(`${name}: under 1 MB`, () => sizeProblem(packed));
    check(`${name}: has its binaries`, () => prebuildsProblem(packed));
  }
  check(`${name}: licenses of what is bundled`, () =>
    licensesProblem(packed, noticesOf(folder)),
  );
  const file = path.join(work, packed.filename);
  check(`${name}: publint`, () => lint(["publint", "run", file, "--strict"]));
  check(`${name}: attw`, () => lint(["attw", file, "--profile", "node16"]));
}

function pack(folder) {
  const [made] = JSON.parse(
    run(
      "npm",
      ["pack", "--json", "--ignore-scripts", "--pack-destination", work],
      path.join(root, folder),
    ),
  );
  return made;
}

function noticesOf(folder) {
  return fs
    .readdirSync(path.join(root, folder, "dist"), {
      recursive: true,
      encoding: "utf8",
    })
    .filter((file) => /THIRD-PARTY[^/\\]*\.md$/.test(file))
    .map((file) => `dist/${file.replaceAll(path.sep, "/")}`);
}

/** What a linter objects to. */
function lint(args) {
  const { status, stdout, stderr } = spawnSync(
    "npx",
    ["--no-install", ...args],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  return status === 0 ? null : `${stdout}${stderr}`;
}

function run(command, args, cwd = root) {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
