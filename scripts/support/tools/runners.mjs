// The test runners: programs of test/tools and test/smoke that pass under each. It knows how each is started.
import fs from "node:fs";
import path from "node:path";
import { obtainRuntime } from "../../../bench/support/runtimes.mjs";
import { NotHere } from "../tool-project.mjs";

const root = path.resolve(import.meta.dirname, "../../..");

function runJest(project, { testMatch, ...more }, env) {
  project.write("jest.config.json", {
    testMatch: [`**/${testMatch}`],
    ...more,
  });
  project.node([project.tool("jest/bin/jest.js"), "--ci"], { env });
}

export const runners = [
  {
    name: "Jest",
    packages: { jest: "^30" },
    works:
      "CommonJS (`require` of every entry point, fake timers) and ES modules (`--experimental-vm-modules`)",
    know: "each test file has an instance of its own, as each has its own modules",
    check(project) {
      project.install();
      const tests = fs.readFileSync(
        path.join(root, "test/smoke/jest.cjs"),
        "utf8",
      );
      // Two, for each has the package as a module of its own.
      for (const name of ["first", "second"])
        project.write(`__tests__/${name}.test.js`, tests);
      runJest(project, { testMatch: "*.test.js" });
      project.copy("jest-esm.mjs", "__tests__/esm.test.mjs");
      runJest(
        project,
        { testMatch: "*.test.mjs", transform: {} },
        { NODE_OPTIONS: "--experimental-vm-modules" },
      );
    },
  },
  {
    name: "Vitest",
    packages: { vitest: "^5" },
    works: 'in one project with `vi.mock("node:fs")`, fake timers and spies',
    know: "mocks of `node:fs` do not reach packages, this one neither: to mock it, mock `node-eio/promises`, or make calls fail with [`node-eio/faults`](faults.md)",
    check(project) {
      const { file: node, reason } = obtainRuntime("node26");
      if (node === undefined) throw new NotHere(reason);
      project.install();
      project.write("data/file", "content");
      project.copy("vitest.mjs", "app.test.mjs");
      project.run(node, [project.tool("vitest/vitest.mjs"), "run"]);
    },
  },
];
