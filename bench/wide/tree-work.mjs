// What is done with a whole tree, written as a program of anybody's would: each returns a number that every subject must
// come to. FOLDER/tree is read, and FOLDER/copy is made or removed.
import path from "node:path";

export function makeTreeWork(promises, folder) {
  const tree = path.join(folder, "tree");
  const copy = path.join(folder, "copy");
  return {
    treeReaddir: async () =>
      (await promises.readdir(tree, { recursive: true })).length,
    treeWalk: () =>
      walk(promises, tree, async (file) => (await promises.stat(file)).size),
    treeRead: () =>
      walk(
        promises,
        tree,
        async (file) => (await promises.readFile(file)).length,
      ),
    treeCopy: async () => {
      await promises.cp(tree, copy, { recursive: true });
      return 0;
    },
    treeRemove: async () => {
      await promises.rm(copy, { recursive: true });
      return 0;
    },
  };
}

/** All at once, as deep as it goes. @returns {Promise<number>} the sum of what each file gives */
async function walk(promises, folder, each) {
  const entries = await promises.readdir(folder, { withFileTypes: true });
  const sums = await Promise.all(
    entries.map((entry) => {
      const file = `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(promises, file, each) : each(file);
    }),
  );
  return sums.reduce((sum, value) => sum + value, 0);
}
