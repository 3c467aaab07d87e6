// What keeps a release from being made, each on a text or a list that has it. How those are come by is not known here, but for the
// working tree, which is a real one.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fileOf, promised } from "../../scripts/support/prebuilds.mjs";
import {
  PACKED_MAX_BYTES,
  changelogProblem,
  licensesProblem,
  prebuildsProblem,
  provenanceProblem,
  scriptsProblem,
  sizeProblem,
  summary,
  treeProblem,
  versionProblem,
} from "../../scripts/support/release-checks.mjs";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const root = path.resolve(import.meta.dirname, "../..");

describe("CHANGELOG", () => {
  const good =
    "# Changelog\n\n## [0.2.0] - 2026-12-01\n\n- Something.\n\n## [0.1.0] - 2026-01-01\n\n- Older.\n";
  it("passes with a dated section of the version that lists something", () => {
    expect(changelogProblem(good, "0.2.0")).toBe(null);
    expect(changelogProblem(good, "0.1.0")).toBe(null);
  });

  it.each([
    ["no section of the version", good.replace("[0.2.0]", "[0.3.0]"), "no sec"],
    ["a section without a date", good.replace("2026-12-01", "soon"), "no date"],
    ["an empty section", good.replace("- Something.\n", ""), "lists nothing"],
    ["two of them", good.replace("[0.1.0]", "[0.2.0]"), "two sections"],
    ["nothing", "", "its first one is"],
  ])("is refused with %s", (_what, text, why) => {
    expect(changelogProblem(text, "0.2.0")).toContain(why);
  });

  it("of the project has a section of its version", () => {
    const { version } = JSON.parse(
      fs.readFileSync(path.join(root, "package.json"), "utf8"),
    ) as { version: string };
    const text = fs.readFileSync(path.join(root, "CHANGELOG.md"), "utf8");
    expect(text).toContain(`\n## [${version}] - `);
  });
});

describe("versions", () => {
  const manifests = [
    {
      name: "core",
      version: "0.2.0",
      peerDependencies: { "@core/a": "^0.2.0" },
    },
    { name: "@core/a", version: "0.2.0", peerDependencies: { core: "^0.2.0" } },
  ];
  it("pass where all are the same", () => {
    expect(versionProblem(manifests)).toBe(null);
  });
  it("are refused where a package is of another one, or wants another one", () => {
    const [core, a] = manifests;
    const other = { ...a!, version: "0.1.0", dependencies: { core: "^0.1.0" } };
    expect(versionProblem([core!, other])).toBe(
      "the core is 0.2.0, but @core/a is 0.1.0, @core/a wants core ^0.1.0",
    );
  });
});

describe("a working tree", () => {
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync("git", args, { cwd, encoding: "utf8" });

  it("is clean, or has changes that are named", () => {
    const tree = folder.join("tree");
    fs.mkdirSync(tree);
    git(tree, "init", "--quiet");
    const status = (): string => git(tree, "status", "--porcelain");
    expect(treeProblem(status())).toBe(null);
    for (const name of ["a", "b", "c", "d", "e"])
      fs.writeFileSync(path.join(tree, name), "");
    expect(treeProblem(status())).toBe(
      "the working tree has changes: ?? a, ?? b, ?? c and 2 more",
    );
  });
});

describe("a tarball", () => {
  const files = [...promised.map(fileOf), "LICENSE", "dist/THIRD-PARTY.md"].map(
    (path) => ({ path }),
  );

  it("passes with what belongs into it", () => {
    expect(prebuildsProblem({ files })).toBe(null);
    expect(
      licensesProblem({ name: "core", files }, ["dist/THIRD-PARTY.md"]),
    ).toBe(null);
    expect(sizeProblem({ size: PACKED_MAX_BYTES - 1 })).toBe(null);
    expect(scriptsProblem({ name: "core", scripts: { test: "" } })).toBe(null);
  });

  it("is refused without a binary or a license, when it is large, and when it runs code", () => {
    expect(prebuildsProblem({ files: files.slice(1) })).toContain(
      fileOf(promised[0]!),
    );
    expect(
      licensesProblem({ name: "core", files }, ["dist/bench/THIRD-PARTY.md"]),
    ).toBe("core comes without dist/bench/THIRD-PARTY.md");
    expect(sizeProblem({ size: PACKED_MAX_BYTES })).toContain("1000000");
    expect(
      scriptsProblem({ name: "core", scripts: { postinstall: "" } }),
    ).toContain("postinstall");
  });

  it("is fit for provenance with a repository, and with public access where it has a scope", () => {
    const repository = { url: "git+https://example.com/a/core.git" };
    const inFolder = { ...repository, directory: "packages/a" };
    const publishConfig = { access: "public" };
    const name = "@core/a";
    expect(provenanceProblem({ name: "core", repository })).toBe(null);
    expect(
      provenanceProblem(
        { name, repository: inFolder, publishConfig },
        "packages/a",
      ),
    ).toBe(null);
    expect(
      provenanceProblem({ name, repository: inFolder }, "packages/a"),
    ).toMatch(/private package.*\nnpm pkg set publishConfig.access=public -w/);
    expect(
      provenanceProblem({ name, repository, publishConfig }, "packages/a"),
    ).toMatch(/\nnpm pkg set repository.directory=packages\/a -w @core\/a$/);
  });

  const typed =
    "npm pkg set repository.type=git repository.url=git+https://github.com/OWNER/NAME.git";
  it.each([
    undefined,
    "",
    "git+https://github.com/OWNER/NAME.git",
    "https://example.com/a",
    "git@example.com:a/core.git",
  ])(
    "is refused while the repository is %j, and the refusal says what to type",
    (url) => {
      const repository = url === undefined ? undefined : { url };
      const manifest = repository === undefined ? {} : { repository };
      expect(
        provenanceProblem({ name: "core", ...manifest })
          ?.split("\n")
          .at(-1),
      ).toBe(typed);
      expect(
        provenanceProblem({ name: "@core/a", ...manifest }, "packages/a"),
      ).toContain(`\n${typed} repository.directory=packages/a -w @core/a`);
    },
  );

  it("that is published is checked before, each of them", () => {
    const scriptsOf = (file: string): Record<string, string> =>
      (
        JSON.parse(fs.readFileSync(path.join(root, file), "utf8")) as {
          scripts: Record<string, string>;
        }
      ).scripts;
    expect(scriptsOf("package.json")["prepublishOnly"]).toContain(
      "&& npm run release:check &&",
    );
    for (const name of ["bench", "live", "serve"])
      expect(scriptsOf(`packages/${name}/package.json`)).toMatchObject({
        prepublishOnly: "node ../../scripts/release-check.mjs",
      });
  });
});

describe("the summary", () => {
  it("lists each check and counts those that failed", () => {
    const passed = { name: "one", problem: null };
    const failed = { name: "two", problem: "because\nof this\n" };
    expect(summary([passed, failed])).toBe(
      "passed  one\nFAILED  two: because\n        of this\n1 of 2 checks failed",
    );
    expect(summary([passed])).toBe("passed  one\nall 1 checks passed");
  });
});
