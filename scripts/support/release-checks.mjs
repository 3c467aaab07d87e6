// What has to be true of a release, as functions of texts and lists: each returns what is wrong, or null. It does not know where
// those come from.
import { lackedBy, refusal } from "./prebuilds.mjs";

/** Of the core's tarball: everybody who installs it waits for it. */
export const PACKED_MAX_BYTES = 1_000_000;

const LIFE_CYCLE = ["preinstall", "install", "postinstall"];

/** @param {string} text @param {string} version */
export function changelogProblem(text, version) {
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const own = headings.filter((title) => title.startsWith(`[${version}]`));
  if (own.length === 0)
    return `CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD"; its first one is "${headings[0] ?? "none"}"`;
  if (own.length > 1) return `CHANGELOG.md has two sections of ${version}`;
  const [title] = own;
  if (!/^\[[^\]]+\] - \d{4}-\d\d-\d\d$/.test(title))
    return `the section of ${version} has no date: "## ${title}". On the day of the release write "## [${version}] - YYYY-MM-DD" in its place`;
  const body = text.slice(text.indexOf(`## ${title}`) + title.length + 3);
  const end = body.search(/^## /m);
  if (!/^- /m.test(end === -1 ? body : body.slice(0, end)))
    return `the section of ${version} lists nothing`;
  return null;
}

/** All packages are of one version, and want each other in it. */
export function versionProblem(manifests) {
  const [core, ...others] = manifests;
  const wrong = others
    .filter(({ private: isPrivate }) => !isPrivate)
    .filter(({ version }) => version !== core.version)
    .map(({ name, version }) => `${name} is ${version}`);
  const ours = new Set(manifests.map(({ name }) => name));
  for (const { name, dependencies, peerDependencies } of manifests)
    for (const [other, range] of [
      ...Object.entries(dependencies ?? {}),
      ...Object.entries(peerDependencies ?? {}),
    ])
      if (ours.has(other) && range !== `^${core.version}`)
        wrong.push(`${name} wants ${other} ${range}`);
  return wrong.length === 0
    ? null
    : `the core is ${core.version}, but ${wrong.join(", ")}`;
}

/** What `git status --porcelain` prints. */
export function treeProblem(status) {
  const lines = status.split("\n").filter((line) => line !== "");
  if (lines.length === 0) return null;
  const more = lines.length > 3 ? ` and ${lines.length - 3} more` : "";
  return `the working tree has changes: ${lines.slice(0, 3).join(", ")}${more}`;
}

/** @param {{ size: number }} packed */
export const sizeProblem = ({ size }) =>
  size < PACKED_MAX_BYTES
    ? null
    : `the tarball has ${size} bytes; less than ${PACKED_MAX_BYTES} is allowed`;

/** @param {{ files: { path: string }[] }} packed */
export function prebuildsProblem({ files }) {
  const lacked = lackedBy(files.map(({ path }) => path));
  return lacked.length === 0 ? null : refusal(lacked);
}

/** Each package brings its license, and those of what is bundled into it. */
export function licensesProblem({ name, files }, bundles) {
  const has = (file) => files.some(({ path }) => path === file);
  const missing = ["LICENSE", ...bundles].filter((file) => !has(file));
  return missing.length === 0
    ? null
    : `${name} comes without ${missing.join(", ")}`;
}

export function scriptsProblem({ name, scripts = {} }) {
  const found = LIFE_CYCLE.filter((script) => script in scripts);
  return found.length === 0
    ? null
    : `${name} runs code when it is installed: ${found.join(", ")}`;
}

const REPOSITORY = "git+https://github.com/OWNER/NAME.git";

/**
 * npm's provenance ties a tarball to the repository and the commit that it was made from. Only the owner knows the address; nothing is
 * published until it is there.
 */
export function provenanceProblem(
  { name, repository, publishConfig },
  folder = ".",
) {
  const url = typeof repository === "string" ? repository : repository?.url;
  if (
    !/^git\+https:\/\/[^/]+\/.+\.git$/.test(url ?? "") ||
    url === REPOSITORY
  ) {
    const why =
      url === undefined
        ? "names no repository"
        : `names a repository that is no address of a public one, "${url}",`;
    return `${name} ${why} in package.json, and npm publish --provenance refuses that. With your own OWNER and NAME, type\n${settingOf(name, folder)}`;
  }
  if (folder !== "." && repository.directory !== folder)
    return `${name} does not say where in the repository it is. Type\nnpm pkg set repository.directory=${folder} -w ${name}`;
  if (name.startsWith("@") && publishConfig?.access !== "public")
    return `${name} would be published as a private package. Type\nnpm pkg set publishConfig.access=public -w ${name}`;
  return null;
}

/** What is typed in the project's own folder. */
function settingOf(name, folder) {
  const set = `npm pkg set repository.type=git repository.url=${REPOSITORY}`;
  return folder === "."
    ? set
    : `${set} repository.directory=${folder} -w ${name}`;
}

/** @param {{ name: string, problem: string | null }[]} results */
export function summary(results) {
  const failed = results.filter(({ problem }) => problem !== null);
  const lines = results.map(({ name, problem }) =>
    problem === null
      ? `passed  ${name}`
      : `FAILED  ${name}: ${problem.trim().replaceAll("\n", "\n        ")}`,
  );
  const last =
    failed.length === 0
      ? `all ${results.length} checks passed`
      : `${failed.length} of ${results.length} checks failed`;
  return [...lines, last].join("\n");
}
