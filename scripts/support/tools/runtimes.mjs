// The runtimes that pass for Node and are not. What every door does on them is for `npm run test:runtimes`; here the packed package
// is an application's.
import assert from "node:assert/strict";
import { obtainRuntime } from "../../../bench/support/runtimes.mjs";
import { NotHere } from "../tool-project.mjs";
import { printed } from "./bundles.mjs";

const available = { available: true };

const runtime = (name, args, { works, know, check }) => ({
  ...{ name, works, know },
  check(project) {
    const { file, reason } = obtainRuntime(name.toLowerCase());
    if (file === undefined) throw new NotHere(reason);
    project.install();
    project.copy("app.mjs");
    const seen = printed(project, project.app, [...args, "app.mjs"], {
      command: file,
    });
    const { text, names, custom, node } = seen;
    assert.deepEqual(
      { text, names, custom, node },
      { text: "content", names: ["file"], custom: "b", node: available },
    );
    assert.match(seen.threads.reason, /it is for Node/);
    check(seen);
    const version = project.run(file, ["--version"]).split("\n")[0];
    return { [name]: version.replace(/^\D+/, "").split(" ")[0] };
  },
});

export const runtimes = [
  runtime("Bun", [], {
    works: "the portable pool, `custom()`, executors",
    know: "no native code: Bun's own `fs` is faster",
    check({ pool, executor }) {
      assert.deepEqual([pool, executor], [available, "/a"]);
    },
  }),
  runtime("Deno", ["run", "-A", "--node-modules-dir=manual"], {
    works: "reads and writes on the calling thread, executors",
    know: "no native code, and no pool: descriptors of Deno's belong to a thread",
    check({ pool, executor }) {
      assert.match(pool.reason, /belong to the thread/);
      assert.equal(executor, "/a");
    },
  }),
];
