// Ways out of a folder, for tests of what keeps paths within one: a tree to try them in, the paths, and a
// look at what lies outside. It knows no function that takes a path.
import fs from "node:fs";
import type { TestFolder } from "../../helpers/files.ts";
import { OTHER } from "./operations.ts";

/** What a path has to lead to, and whether its last part is followed if it is a link. */
export interface Wanted {
  wants: "file" | "folder" | "nothing";
  follows: boolean;
}

let count = 0;

/** A folder `in`, with links that lead out of it, and a folder `outside` beside it. */
export function buildTree(base: TestFolder): string {
  const folder = base.join(`t${count++}`);
  for (const name of ["outside/folder", "outside/empty", "in/folder"])
    fs.mkdirSync(`${folder}/${name}`, { recursive: true });
  fs.writeFileSync(`${folder}/outside/file`, "secret");
  fs.writeFileSync(`${folder}/outside/folder/inner`, "secret");
  fs.symlinkSync("file", `${folder}/outside/link`);
  const inside = `${folder}/in`;
  fs.writeFileSync(`${inside}/file`, "content");
  fs.writeFileSync(`${inside}/${OTHER}`, "other");
  fs.writeFileSync(`${inside}/folder/inner`, "inner");
  const links = {
    up: "..",
    "folder/up": "../..",
    chain: "chain2",
    chain2: "folder/up",
    outside: "../outside",
    absolute: `${folder}/outside`,
    back: "../in",
    proc: "/proc/self/cwd",
    "to-file": "../outside/file",
    "to-file-absolute": `${folder}/outside/file`,
    "to-file-chain": "chain/outside/file",
    "to-folder": "../outside/folder",
    "to-folder-absolute": `${folder}/outside/folder`,
    "to-new": "../outside/new",
    "to-new-absolute": `${folder}/outside/new`,
  };
  for (const [name, target] of Object.entries(links))
    fs.symlinkSync(target, `${inside}/${name}`);
  return folder;
}

/** All that a change outside would show in; not that a file was read. */
export function outside(root: string, folder = root): unknown[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => folder !== root || name !== "in")
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      const { mode, size, mtimeNs, ctimeNs, uid, ino } = fs.lstatSync(path, {
        bigint: true,
      });
      const entryState = { path, mode, size, mtimeNs, ctimeNs, uid, ino };
      return [entryState, ...(entry.isDirectory() ? outside(root, path) : [])];
    });
}

export const waysTo = (root: string, name: string): string[] => [
  `../outside/${name}`,
  `./../outside/${name}`,
  `folder/../../outside/${name}`,
  `folder//..///..//outside/${name}`,
  `${root}/outside/${name}`,
  `${root}/in/../outside/${name}`,
  `up/outside/${name}`,
  `folder/up/outside/${name}`,
  `chain/outside/${name}`,
  `outside/${name}`,
  `absolute/${name}`,
  `back/../outside/${name}`,
  `back/${name}`,
  `proc/${name}`,
];

/** Where the last part is followed, a link is a way out by itself. */
const linksTo = {
  file: ["to-file", "to-file-absolute", "to-file-chain", "back/file"],
  folder: [
    "to-folder",
    "to-folder-absolute",
    "up",
    "..",
    "../",
    "outside/",
    "up/.",
  ],
  nothing: ["to-new", "to-new-absolute"],
};
export const names = { file: "file", folder: "folder", nothing: "new" };

export function waysOut(
  root: string,
  name: string,
  { wants, follows }: Wanted,
): string[] {
  const target = name === "readlink" ? "link" : names[wants];
  const more = wants === "folder" ? ["up/", "outside/."] : [];
  return [...waysTo(root, target), ...more, ...(follows ? linksTo[wants] : [])];
}
