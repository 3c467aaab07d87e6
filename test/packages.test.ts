// The packages of this project as their users have them: what is built and linked. One core whichever way it is
// reached, the old doors where a package is installed, and an error that says what to install where it is not.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { carried, packages, passedOn } from "../scripts/support/packages.mjs";
import { testFolder } from "./helpers/files.ts";
import { importsOf } from "./support/tidy-source.ts";

const root = path.resolve(import.meta.dirname, "..");
const folder = testFolder();

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const manifestOf = (where: string): Manifest =>
  JSON.parse(
    fs.readFileSync(path.join(root, where, "package.json"), "utf8"),
  ) as Manifest;
const core = manifestOf(".");
const names = fs
  .readdirSync(path.join(root, "packages"))
  .filter((name) => fs.existsSync(path.join(root, "packages", name, "src")));

function run(cwd: string, args: string[]): { printed: unknown; err: string } {
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: "utf8",
  });
  return { printed: stdout === "" ? null : JSON.parse(stdout), err: stderr };
}

describe.each(names)("packages/%s", (name) => {
  const manifest = manifestOf(`packages/${name}`);

  it("is of the version of the core", () => {
    expect(manifest.name).toBe(`@node-eio/${name}`);
    expect(manifest.version).toBe(core.version);
  });

  it("declares what it imports", () => {
    const { dependencies, peerDependencies, devDependencies } = manifest;
    const shipped = { ...dependencies, ...peerDependencies };
    const src = path.join(root, "packages", name, "src");
    const bundled = fs
      .readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        importsOf({
          path: `packages/${name}/src/${file}`,
          text: fs.readFileSync(path.join(src, file), "utf8"),
        }),
      )
      .map(({ specifier }) => specifier)
      .filter((specifier) => !/^(\.|node:)/.test(specifier))
      .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0])
      .filter((imported) => !(imported in shipped));
    expect(Object.keys(devDependencies ?? {})).toEqual(
      expect.arrayContaining(bundled),
    );
    // Of the project's own packages only what is never published may travel inside another one.
    const own = bundled.filter((imported) => imported.startsWith("@node-eio/"));
    for (const imported of own) {
      const [, folder = ""] = imported.split("/");
      expect(manifestOf(`packages/${folder}`).private).toBe(true);
    }
  });
});

describe.each(Object.keys(packages))("the doors of packages/%s", (name) => {
  it("are those that it is built of", () => {
    const doors = Object.keys(packages[name]!.doors).map((door) =>
      door === "index" ? "." : `./${door}`,
    );
    expect(Object.keys(manifestOf(`packages/${name}`).exports)).toEqual([
      ...doors,
      "./package.json",
    ]);
  });
});

describe("one core", () => {
  const list = `
    const all = [
      require("node-eio").eio, require("@node-eio/serve"), require("@node-eio/live"),
      require("node-eio/serve").serveStatic === require("@node-eio/serve").serveStatic,
    ];
    import("@node-eio/serve").then(async (serve) => {
      const { eio } = await import("node-eio");
      const live = await import("node-eio/live");
      const files = Object.keys(require.cache).filter((file) => file.endsWith("index.cjs"));
      console.log(JSON.stringify({
        eio: eio === all[0], serve: serve.serveStatic === all[1].serveStatic, live: live.livePage === all[2].livePage,
        doors: all[3], files: files.map((file) => file.slice(process.cwd().length + 1)),
      }));
    });`;
  // Standard input is a pipe here, after which Node 20 and 22 may load a linked package twice.
  it("is behind import and require of every package", () => {
    expect(run(root, ["--eval", list])).toEqual({
      printed: {
        eio: true,
        serve: true,
        live: true,
        doors: true,
        files: [
          "dist/index.cjs",
          "packages/serve/dist/index.cjs",
          "packages/live/dist/index.cjs",
        ],
      },
      err: "",
    });
  });

  it("does the work of a handler that was given no instance, for ES modules and CommonJS", () => {
    const program = `
      const { eio } = require("node-eio");
      import("@node-eio/serve").then(async ({ serveStatic }) => {
        const handler = serveStatic(${JSON.stringify(root)});
        await handler.ready;
        console.log(JSON.stringify(Object.values(eio.stats().ops).some(({ submitted }) => submitted > 0)));
        await handler.close();
      });`;
    expect(run(root, ["--eval", program])).toEqual({ printed: true, err: "" });
  });
});

/** An application with copies of packages, by where they are in the project. */
function install(name: string, sources: string[]): string {
  const app = folder.join(name);
  for (const source of sources) {
    const to = path.join(app, "node_modules", manifestOf(source).name);
    fs.mkdirSync(to, { recursive: true });
    for (const part of ["dist", "package.json"])
      fs.cpSync(path.join(root, source, part), path.join(to, part), {
        recursive: true,
      });
  }
  fs.symlinkSync(
    path.join(root, "node_modules/piscina"),
    path.join(app, "node_modules/piscina"),
  );
  return app;
}

it("the stack of a refusal shows the frames of the caller, and none of a package", () => {
  const app = install("with-packages", [
    ".",
    "packages/live",
    "packages/serve",
  ]);
  const program = `
    const { serveStatic } = require("@node-eio/serve");
    function caller() { serveStatic(".", { maxRanges: -1 }); }
    try { caller(); } catch ({ code, stack }) { console.log(JSON.stringify([code, stack.split("\\n")[1].trim(), stack.includes("node_modules")])); }`;
  fs.writeFileSync(path.join(app, "refused.cjs"), program);
  const { printed, err } = run(app, ["refused.cjs"]);
  expect(err).toBe("");
  expect(printed).toEqual([
    "ERR_EIO_INVALID_OPTION",
    expect.stringMatching(/^at caller /),
    false,
  ]);
});

describe("without the package of the application's that a door works with", () => {
  const app = install("without-peers", [".", "packages/live"]);
  const message = (door: string, name: string): string =>
    `@node-eio/live/${door} needs a package of the application's, which is not installed: npm install ${name} (node-eio/docs/errors.md#err_eio_not_installed)`;

  it.each([
    ["opentelemetry", "instrument", "@opentelemetry/api"],
    ["prometheus", "collect", "prom-client"],
  ])(
    "node-eio/%s can be imported, and %s() says what to install",
    (door, name, peer) => {
      const report = `import("node-eio/${door}").then(({ ${name} }) => {
        try { ${name}(); } catch ({ code, message }) { console.log(JSON.stringify({ code, message })); }
      });`;
      expect(run(app, ["--eval", report])).toEqual({
        printed: {
          code: "ERR_EIO_NOT_INSTALLED",
          message: message(door, peer),
        },
        err: "",
      });
    },
  );
});

describe("without the packages", () => {
  const app = install("core-alone", ["."]);
  const installed = path.join(app, "node_modules/node-eio");

  /** What each door rejects with, one after the other in one process. */
  function refusals(load: string): unknown {
    const report = `
      // Node 20 also takes it for unhandled where an ES module imports what throws.
      process.on("unhandledRejection", () => {});
      const load = ${load};
      (async () => {
        const found = {};
        for (const door of ${JSON.stringify(Object.keys(passedOn))})
          await load("node-eio/" + door).catch(({ code, message }) => (found[door] = { code, message }));
        console.log(JSON.stringify(found));
      })();`;
    return run(app, ["--eval", report]);
  }

  it.each([
    ["import", "(door) => import(door)"],
    ["require", "async (door) => require(door)"],
  ])("%s of a door to one of them says what to install", (_how, load) => {
    const all = Object.entries(passedOn).map(([door, { package: owner }]) => [
      door,
      {
        code: "ERR_EIO_NOT_INSTALLED",
        message: `node-eio/${door} is in a package of its own, which is not installed: npm install @node-eio/${owner} (node-eio/docs/errors.md#err_eio_not_installed)`,
      },
    ]);
    expect(refusals(load)).toEqual({
      printed: Object.fromEntries(all) as unknown,
      err: "",
    });
  });

  it("names that are imported from such a door are linked, so that the error is ours", () => {
    fs.writeFileSync(
      path.join(app, "named.mjs"),
      'import { serveStatic } from "node-eio/serve";\nserveStatic(".");\n',
    );
    expect(run(app, ["named.mjs"]).err).toContain("ERR_EIO_NOT_INSTALLED");
  });

  it("node-eio serve says what to install, and node-eio bench runs", () => {
    const cli = path.join(installed, "dist/cli.js");
    const serve = spawnSync(process.execPath, [cli, "serve", "."], {
      encoding: "utf8",
    });
    expect([serve.status, serve.stderr]).toEqual([
      1,
      "node-eio: node-eio serve is in a package of its own, which is not installed: npm install @node-eio/serve (node-eio/docs/errors.md#err_eio_not_installed)\n",
    ]);
    expect(Object.keys(carried)).toEqual(["@node-eio/bench"]);
    const bench = spawnSync(process.execPath, [cli, "bench", "machine", app], {
      encoding: "utf8",
    });
    expect([bench.status, bench.stderr]).toEqual([0, ""]);
    expect(bench.stdout).toContain(`node-eio ${core.version}`);
  });
});
