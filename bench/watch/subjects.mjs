// The watchers that are compared, each behind the same function: it begins to watch a folder, and calls with what is there and what is
// not any more. What is counted is not known here.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @typedef {{ added(path: string): void, changed(path: string): void, removed(path: string): void, moved(from: string, to: string): void }} Sink
 *   paths are relative to the folder
 */

/** No path of a tree. */
const ASIDE = "/aside";

const ours = (method) => async (folder, sink) => {
  const { createEio } = await import("node-eio");
  const eio = createEio();
  const watcher = eio.watchTree(folder, { method });
  const apply = {
    create: ({ path }) => sink.added(path),
    modify: ({ path }) => sink.changed(path),
    remove: ({ path }) => sink.removed(path),
    rename: ({ from, to }) => sink.moved(from, to),
    exchange({ from, to }) {
      sink.moved(from, ASIDE);
      sink.moved(to, from);
      sink.moved(ASIDE, to);
    },
    overflow: ({ reason }) => console.error(`overflow: ${reason}`),
    unreadable: ({ path, error }) => console.error(path, error.message),
  };
  void (async () => {
    for await (const batch of watcher)
      for (const event of batch) apply[event.type](event);
  })();
  await watcher.ready;
};

const chokidar = (name) => async (folder, sink, installed) => {
  const { watch } = await import(entryOf(installed, name));
  const inside = (call) => (file) => {
    const name = path.relative(folder, file);
    if (name !== "") call(name);
  };
  const watcher = watch(folder, { ignoreInitial: true });
  watcher
    .on("add", inside(sink.added))
    .on("addDir", inside(sink.added))
    .on("change", inside(sink.changed))
    .on("unlink", inside(sink.removed))
    .on("unlinkDir", inside(sink.removed))
    .on("error", (error) => console.error(error.message));
  await new Promise((resolve) => watcher.on("ready", resolve));
};

async function parcel(folder, sink, installed) {
  const { subscribe } = createRequire(`${installed}/`)("@parcel/watcher");
  const calls = {
    create: sink.added,
    update: sink.changed,
    delete: sink.removed,
  };
  await subscribe(folder, (error, events) => {
    if (error) return console.error(error.message);
    for (const { type, path: file } of events)
      calls[type](path.relative(folder, file));
  });
}

/** It says where something happened: what, has to be looked up. */
async function nodes(folder, sink) {
  const watcher = fs.watch(folder, { recursive: true }, (_kind, name) => {
    if (name === null) return;
    if (fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false }))
      sink.changed(name);
    else sink.removed(name);
  });
  watcher.on("error", (error) => console.error(error.message));
}

function entryOf(installed, name) {
  const at = path.join(installed, name);
  const { exports, module, main } = JSON.parse(
    fs.readFileSync(path.join(at, "package.json"), "utf8"),
  );
  const entry = exports?.["."]?.import?.default ?? exports?.["."]?.import;
  const file = typeof entry === "string" ? entry : (module ?? main);
  return pathToFileURL(path.join(at, file)).href;
}

export const subjects = {
  "watchTree, inotify": ours("inotify"),
  "watchTree, fanotify": ours("fanotify"),
  "watchTree, node": ours("node"),
  "chokidar 4": chokidar("chokidar-4"),
  "chokidar 5": chokidar("chokidar-5"),
  "@parcel/watcher": parcel,
  "fs.watch, recursive": nodes,
};
