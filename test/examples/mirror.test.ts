// The example that mirrors a tree, under a storm of random changes: in the end both are the same, with the same content.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { Storm } from "../api/watch-tree/storm.mjs";
import { turn } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const seed = Number(process.env.EIO_SEED ?? Date.now() % 1e9);
const program = path.resolve(
  import.meta.dirname,
  "../../examples/mirror/mirror.mjs",
);

interface Copy {
  copied: number;
  renamed: number;
}
type Mirror = (from: string, to: string, options: object) => Promise<Copy>;

/** Path and content of everything. */
const contentOf = (home: string): string[] =>
  fs
    .readdirSync(home, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const content = entry.isFile() ? fs.readFileSync(file, "latin1") : "/";
      return `${path.relative(home, file)} ${content}`;
    })
    .sort();

it(`a mirror is the same after 150 random changes (seed ${seed})`, async () => {
  const { mirror } = (await import(pathToFileURL(program).href)) as {
    mirror: Mirror;
  };
  const [from, to] = [folder.join("from"), folder.join("to")];
  fs.mkdirSync(from);
  fs.mkdirSync(`${to}/not-there/below`, { recursive: true });
  const storm = new Storm(from, seed);
  for (let i = 0; i < 60; i++) await storm.step();
  const controller = new AbortController();
  const { signal } = controller;
  let over = false;
  const onBatch = (): void => {
    if (over && contentOf(to).join() === contentOf(from).join())
      controller.abort();
  };
  const mirrored = mirror(from, to, { signal, onBatch });
  mirrored.catch(() => {});
  for (let i = 0; i < 150; i++) {
    await storm.step();
    if (i % 20 === 0) await turn();
  }
  over = true;
  fs.writeFileSync(`${from}/the-end`, "");
  await expect(mirrored).rejects.toMatchObject({ name: "AbortError" });
  expect(contentOf(to)).toEqual(contentOf(from));
});
