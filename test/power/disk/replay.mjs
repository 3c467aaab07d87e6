// The log of a disk, read and made again: on a simulated disk, whose rules of loss then hold for it, and by a second model that
// knows no rules but one, that what was synced is there. Neither knows what program made the log.
import fs from "node:fs";
import path from "node:path";

/** The calls of a log, each with where it ends. */
export function readCalls(log) {
  const calls = [];
  for (let at = 0; at < log.length;) {
    const lineEnd = log.indexOf("\n", at);
    const [name, ...fields] = log.toString("latin1", at, lineEnd).split(" ");
    const bytes = name === "write" ? Number(fields[2]) : 0;
    at = lineEnd + 1 + bytes;
    calls.push({ name, fields, data: log.subarray(at - bytes, at), end: at });
  }
  return calls;
}

const nameIn = (digits) =>
  digits === "-" ? "" : Buffer.from(digits, "hex").toString("latin1");

/** Makes the calls on a simulated disk; gives where each change is in the log and in the history of that disk. */
export function replayOn(disk, calls, root) {
  const files = disk.fs;
  const open = new Map();
  const at = (digits) => Buffer.from(root + nameIn(digits), "latin1");
  const number = (text) => Number(text);
  const run = {
    open: ([handle, flags, mode, name]) =>
      open.set(
        handle,
        files.openSync(at(name), number(flags), parseInt(mode, 8)),
      ),
    close: ([handle]) => files.closeSync(open.get(handle)),
    write: ([handle, offset, bytes], data) =>
      files.writeSync(
        ...[open.get(handle), data, 0, number(bytes), number(offset)],
      ),
    resize: ([handle, size]) =>
      files.ftruncateSync(open.get(handle), number(size)),
    truncate([size, name]) {
      const fd = files.openSync(at(name), "r+");
      files.ftruncateSync(fd, number(size));
      files.closeSync(fd);
    },
    allocate: ([handle, offset, length]) =>
      files.fallocate(open.get(handle), 0, number(offset), number(length)),
    sync: ([handle]) => files.fsyncSync(open.get(handle)),
    datasync: ([handle]) => files.fdatasyncSync(open.get(handle)),
    mkdir: ([mode, name]) => files.mkdirSync(at(name), parseInt(mode, 8)),
    unlink: ([name]) => files.unlinkSync(at(name)),
    rmdir: ([name]) => files.rmdirSync(at(name)),
    symlink: ([target, name]) =>
      files.symlinkSync(Buffer.from(nameIn(target), "latin1"), at(name)),
    rename: ([flags, from, to]) =>
      files.renameSync(at(from), at(to), number(flags)),
    link: ([from, to]) => files.linkSync(at(from), at(to)),
    chmod: ([mode, name]) => files.chmodSync(at(name), parseInt(mode, 8)),
    chown: ([uid, gid, name]) =>
      files.chownSync(at(name), number(uid), number(gid)),
  };
  const prefixes = [{ call: 0, end: 0, position: disk.position }];
  calls.forEach(({ name, fields, data, end }, i) => {
    run[name](fields, data);
    const last = prefixes.at(-1);
    const { position } = disk;
    // A call that changes nothing is part of the time before the next change.
    if (position === last.position) Object.assign(last, { call: i + 1, end });
    else prefixes.push({ call: i + 1, end, position });
  });
  return prefixes;
}

/** Files, folders and links of a simulated disk, by their paths below a folder of it. */
export function treeOf(files, folder) {
  const tree = new Map();
  const visit = (below) => {
    const names = files.readdirSync(folder + below, { withFileTypes: true });
    for (const entry of names) {
      const one = `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        tree.set(one, { type: "folder" });
        visit(one);
      } else if (entry.isSymbolicLink())
        tree.set(one, {
          type: "link",
          target: files.readlinkSync(folder + one),
        });
      else
        tree.set(one, { type: "file", data: files.readFileSync(folder + one) });
    }
  };
  visit("");
  return tree;
}

/** Puts such a tree into a folder, which has nothing else then. */
export function store(tree, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  for (const [name, { type, data, target }] of tree) {
    const one = path.join(folder, name);
    if (type === "folder") fs.mkdirSync(one);
    else if (type === "link") fs.symlinkSync(target, one);
    else fs.writeFileSync(one, data);
  }
}
