// Steps that make files and look at them, by node:fs (files.pm): what is there before a scenario's requests,
// and what they have left.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { bytesOf, dataOf, kindOf, pattern, statsOf } from "./looks.ts";
import type { Step } from "./scenario.ts";
import { constantOf, type State } from "./state.ts";

/** Far above what either side opens by itself. */
const BAD_FD = 900;

type Of<K extends Step["step"]> = Extract<Step, { step: K }>;
type Does<K extends Step["step"]> = (state: State, step: Of<K>) => unknown;

export const fileSteps = {
  file(state, { path, text, size, mode }) {
    const place = state.plainPath(path);
    fs.writeFileSync(place, text ?? pattern(size ?? 0));
    if (mode !== undefined) fs.chmodSync(place, mode);
  },
  sparse(state, { path, size, parts }) {
    const fd = fs.openSync(state.plainPath(path), "w");
    fs.ftruncateSync(fd, size);
    for (const [at, length] of parts)
      fs.writeSync(fd, pattern(length), 0, length, at);
    fs.closeSync(fd);
  },
  dir(state, { path, mode = 0o755 }) {
    fs.mkdirSync(state.plainPath(path));
    fs.chmodSync(state.plainPath(path), mode);
  },
  symlink(state, { target, path }) {
    fs.symlinkSync(state.text(target), state.plainPath(path));
  },
  link(state, { from, path }) {
    fs.linkSync(state.plainPath(from), state.plainPath(path));
  },
  fifo(state, { path }) {
    execFileSync("mkfifo", ["-m", "644", state.plainPath(path)]);
  },
  async socket(state, { path }) {
    // A server takes its name with it when it is closed.
    const place = state.plainPath(path);
    const server = net.createServer().listen(`${place}.bound`);
    await new Promise((resolve) => server.once("listening", resolve));
    fs.renameSync(`${place}.bound`, place);
    await new Promise((resolve) => server.close(resolve));
  },
  rename(state, { from, path }) {
    fs.renameSync(state.plainPath(from), state.plainPath(path));
  },
  remove(state, { path }) {
    fs.rmSync(state.plainPath(path), { recursive: true });
  },
  times(state, { path, atime, mtime }) {
    fs.utimesSync(state.plainPath(path), atime, mtime);
  },
  cwd(state, { path }) {
    process.chdir(state.plainPath(path));
  },
  umask(_state, { value }) {
    process.umask(value);
  },
  fd(state, { id, path, flags = "O_RDWR" }) {
    const fd = fs.openSync(state.plainPath(path), constantOf(flags));
    state.fds.set(id, fd);
  },
  pipe(state, { reader, writer }) {
    const place = `${path.dirname(state.root)}/.pipe`;
    execFileSync("mkfifo", [place]);
    const { O_RDONLY, O_NONBLOCK, O_RDWR, O_WRONLY } = fs.constants;
    // Opened so that neither end waits for the other.
    const both = fs.openSync(place, O_RDWR | O_NONBLOCK);
    state.fds.set(reader, fs.openSync(place, O_RDONLY));
    state.fds.set(writer, fs.openSync(place, O_WRONLY));
    fs.closeSync(both);
    fs.unlinkSync(place);
  },
  badFd(state, { id }) {
    state.fds.set(id, BAD_FD + state.fds.size);
  },
  shut(state, { id }) {
    fs.closeSync(state.fd(id));
    state.fds.delete(id);
  },
  position(state, { id }) {
    const info = fs.readFileSync(`/proc/self/fdinfo/${state.fd(id)}`, "utf8");
    const [, position] = /^pos:\s*(\d+)/m.exec(info)!;
    state.log.push({ position: Number(position), of: id });
  },
  content(state, { path }) {
    try {
      state.log.push({
        content: dataOf(fs.readFileSync(state.plainPath(path))),
      });
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      state.log.push({ content: null, errno: -errno! });
    }
  },
  look(state, { path, fields }) {
    const stats = fs.lstatSync(state.plainPath(path), {
      bigint: true,
      throwIfNoEntry: false,
    });
    state.log.push({
      look: stats === undefined ? null : statsOf(stats, fields, stats),
    });
  },
  tree(state, { path }) {
    state.log.push({ tree: treeOf(state, state.plainPath(path)) });
  },
  fds(state) {
    const below = fs.readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(state.root);
      } catch {
        return false;
      }
    });
    state.log.push({ fds: below.length });
  },
} satisfies { [K in Step["step"]]?: Does<K> };

/** Name by name: kind and size, or what a link says, or what is in a folder. */
function treeOf(state: State, folder: string): unknown {
  if (!fs.existsSync(folder)) return null;
  return Object.fromEntries(
    fs.readdirSync(folder).map((name) => {
      const place = `${folder}/${name}`;
      const stats = fs.lstatSync(place);
      const kind = kindOf(stats);
      const said =
        kind === "dir"
          ? treeOf(state, place)
          : kind === "link"
            ? `link ${state.normal(fs.readlinkSync(place))}`
            : kind === "file"
              ? `file ${stats.size}`
              : kind;
      return [bytesOf(name), said];
    }),
  );
}
