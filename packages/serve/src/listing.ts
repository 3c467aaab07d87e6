// What lies in an open folder, as a page. It looks at the folder that was opened, by whatever name it
// may go now, and at nothing that a link points to.
import type { FileHandle } from "node-eio";
import type { Settings } from "./options.ts";
import { aroundRows, compareItems, row, type Item } from "./pages.ts";
import { mapInSlices, sortInSlices } from "./slices.ts";
import { isHidden } from "./url-path.ts";

type Entry = Awaited<ReturnType<Settings["eio"]["sys"]["getdents"]>>[number] & {
  name: string;
};

/** Entries are looked at behind all other requests, and so many at once. */
const LOOK = { priority: -4 };
const LOOKS_MAX = 16;
const ROWS_PER_PIECE = 1000;

/** The page, in pieces. */
export async function listFolder(
  settings: Settings,
  folder: FileHandle,
  names: string[],
): Promise<Buffer[]> {
  const { entries, omitted } = await entriesOf(settings, folder, names);
  const items = await sortInSlices(
    await lookAt(settings, folder, entries),
    compareItems,
  );
  const rows = await mapInSlices(items, row);
  const [before, behind] = aroundRows(names, omitted);
  const pieces = [Buffer.from(before)];
  for (let at = 0; at < rows.length; at += ROWS_PER_PIECE) {
    const text = rows.slice(at, at + ROWS_PER_PIECE).join("\n");
    pieces.push(Buffer.from(at === 0 ? text : `\n${text}`));
  }
  return [...pieces, Buffer.from(behind)];
}

async function entriesOf(
  { eio, dotfiles, symlinks, maxListed }: Settings,
  folder: FileHandle,
  names: string[],
): Promise<{ entries: Entry[]; omitted: number }> {
  const all = (await eio.sys.getdents(folder, LOOK)) as Entry[];
  const shown: Entry[] = [];
  await mapInSlices(all, (entry) => {
    const { name, type } = entry;
    if (dotfiles !== "allow" && isHidden([...names, name])) return;
    if (type === "symlink" && symlinks === "refuse") return;
    if (SHOWN.has(type)) shown.push(entry);
  });
  if (shown.length <= maxListed) return { entries: shown, omitted: 0 };
  // The first by name, so that those that are left out are always the same.
  const sorted = await sortInSlices(shown, (a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const entries = sorted.slice(0, maxListed);
  return { entries, omitted: sorted.length - entries.length };
}

const SHOWN = new Set(["file", "directory", "symlink", "unknown"]);

async function lookAt(
  { eio: { sys } }: Settings,
  folder: FileHandle,
  entries: Entry[],
): Promise<Item[]> {
  const flags = sys.constants.AT_SYMLINK_NOFOLLOW;
  const options = { at: folder, flags, ...LOOK };
  const items: Item[] = [];
  const look = async ({ name, type }: Entry): Promise<Item> => {
    const unknown = {
      name,
      folder: type === "directory",
      size: null,
      mtimeMs: null,
    };
    if (type === "symlink") return unknown;
    try {
      const { size, mtimeMs } = await sys.statx(name, options);
      return { ...unknown, size: Number(size), mtimeMs };
    } catch {
      return unknown;
    }
  };
  let next = 0;
  const lookOn = async (): Promise<void> => {
    while (next < entries.length) {
      const at = next++;
      items[at] = await look(entries[at]!);
    }
  };
  await Promise.all(Array.from({ length: LOOKS_MAX }, lookOn));
  return items;
}
