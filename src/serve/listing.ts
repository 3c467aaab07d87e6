// What lies in an open folder, as a page. It looks at the folder that was opened, by whatever name it
// may go now, and at nothing that a link points to.
import type { FileHandle } from "../api/types.ts";
import type { Settings } from "./options.ts";
import { listingPage, type Item } from "./pages.ts";
import { isHidden } from "./url-path.ts";

type Entry = Awaited<ReturnType<Settings["eio"]["sys"]["getdents"]>>[number] & {
  name: string;
};

export async function listFolder(
  { eio, dotfiles, symlinks, maxListed }: Settings,
  folder: FileHandle,
  names: string[],
): Promise<string> {
  const { sys } = eio;
  const entries = (await sys.getdents(folder)) as Entry[];
  const shown = entries.filter(({ name, type }) => {
    if (dotfiles !== "allow" && isHidden([...names, name])) return false;
    if (type === "symlink") return symlinks !== "refuse";
    return type === "file" || type === "directory" || type === "unknown";
  });
  // The first by name, so that those that are left out are always the same.
  shown.sort((a, b) => (a.name < b.name ? -1 : 1));
  const listed = shown.slice(0, maxListed);
  const flags = sys.constants.AT_SYMLINK_NOFOLLOW;
  const items = await Promise.all(
    listed.map(async ({ name, type }): Promise<Item> => {
      const unknown = {
        name,
        folder: type === "directory",
        size: null,
        mtimeMs: null,
      };
      if (type === "symlink") return unknown;
      try {
        const { size, mtimeMs } = await sys.statx(name, { at: folder, flags });
        return { ...unknown, size: Number(size), mtimeMs };
      } catch {
        return unknown;
      }
    }),
  );
  return listingPage(names, items, shown.length - listed.length);
}
