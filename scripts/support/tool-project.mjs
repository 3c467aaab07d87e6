// A project in which one tool is tried: the tool stays installed between runs, the application in it is made anew and has this
// project's packages as they were packed. What the tool is to do is not known here.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const home = path.join(
  process.env.EIO_APPS_DIR ?? path.join(os.tmpdir(), "node-eio-apps"),
  "tools",
);
export const fixtures = path.resolve(import.meta.dirname, "../../test/tools");
/** For what hangs: a busy machine takes its time. */
const LIMIT_MS = 600_000;

/** What a tool cannot do here, for a reason of this machine's: nothing has failed. */
export class NotHere extends Error {}

/**
 * @param {{ name: string, packages?: Record<string, string> }} tool
 * @param {{ modules: string, tarballs: readonly { file: string }[], work: string }} packed `modules`: the node_modules of a project that has them
 * installed; `work`: a folder for what does not stay
 */
export function openToolProject({ name, packages = {} }, packed) {
  const tools = path.join(home, name.toLowerCase().replace(/\W+/g, "-"));
  const app = path.join(tools, "app");
  installTools(tools, packages);
  fs.rmSync(app, { recursive: true, force: true });
  fs.mkdirSync(app);

  const project = {
    /** Where the tool is installed, and may keep what it has fetched. */
    tools,
    /** Where the application is: empty but for what a check puts there. */
    app,
    packed,
    /** Puts this project's packages into a folder of the application. */
    install(folder = "") {
      fs.cpSync(packed.modules, path.join(app, folder, "node_modules"), {
        recursive: true,
      });
    },
    /** A folder from which no package of the application's is found, but for this project's where they are installed. */
    place({ installed }) {
      const folder = fs.mkdtempSync(path.join(packed.work, "place-"));
      if (installed) project.install(path.relative(app, folder));
      return folder;
    },
    /** Writes a file of the application: JSON where it is no text. */
    write(file, content) {
      const to = path.join(app, file);
      fs.mkdirSync(path.dirname(to), { recursive: true });
      const text =
        typeof content === "string" ? content : JSON.stringify(content);
      fs.writeFileSync(to, text);
    },
    /** Copies a file of test/tools. */
    copy(file, to = file) {
      const target = path.join(app, to);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.copyFileSync(path.join(fixtures, file), target);
    },
    /** The file that a tool's package is started by. */
    tool: (file) => path.join(tools, "node_modules", file),
    /** Runs this Node in the application; see run(). */
    node: (args, options) => project.run(process.execPath, args, options),
    /** Runs a command in the application, and returns what it printed; throws where that fails. */
    run(command, args, { cwd = app, env = {} } = {}) {
      const { NODE_OPTIONS: _, NODE_EIO_NATIVE: __, ...clean } = process.env;
      const { status, signal, error, stdout, stderr } = spawnSync(
        command,
        args,
        {
          cwd,
          env: { ...clean, CI: "1", NO_COLOR: "1", ...env },
          encoding: "utf8",
          timeout: LIMIT_MS,
          maxBuffer: 2 ** 26,
        },
      );
      if (status === 0) return stdout;
      const why = error?.message ?? `status ${status}, signal ${signal}`;
      throw new Error(
        `${path.basename(command)} ${args.join(" ")}: ${why}\n${stdout}${stderr}`,
      );
    },
    /** Of the tools that are installed, by package. */
    versions: () =>
      Object.fromEntries(
        Object.keys(packages).map((id) => [id, versionOf(tools, id)]),
      ),
  };
  return project;
}

/** Throws where they cannot be had. */
function installTools(folder, packages) {
  fs.mkdirSync(folder, { recursive: true });
  const manifest = path.join(folder, "package.json");
  const text = JSON.stringify({ private: true, dependencies: packages });
  // Written when all of it is there: an installation may be interrupted.
  const done = path.join(folder, "installed.json");
  if (fs.existsSync(done) && fs.readFileSync(done, "utf8") === text) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  fs.writeFileSync(manifest, text);
  if (Object.keys(packages).length === 0) return fs.writeFileSync(done, text);
  const { status, stderr } = spawnSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund"],
    { cwd: folder, encoding: "utf8", timeout: LIMIT_MS },
  );
  if (status === 0) return fs.writeFileSync(done, text);
  throw new NotHere(`it cannot be installed: ${lastLines(stderr)}`);
}

const lastLines = (text) => text.trim().split("\n").slice(-3).join("; ");

function versionOf(folder, id) {
  const manifest = path.join(folder, "node_modules", id, "package.json");
  return JSON.parse(fs.readFileSync(manifest, "utf8")).version;
}
