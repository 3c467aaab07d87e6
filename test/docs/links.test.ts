// Every link in a document leads somewhere: to a file that is there, and to a heading or an anchor in it. README is short, and what
// documents name of the project, scripts and source files, is there.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string =>
  fs.readFileSync(path.join(root, name), "utf8");

const markdownIn = (folder: string): string[] =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join(folder, name));

/** What GitHub calls the headings of a document. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const prose = text.replace(/^```[^]*?^```$/gm, "");
  for (const [, title = ""] of prose.matchAll(/^#+ (.+)$/gm)) {
    const name = title
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
    for (let i = 0; ; i++) {
      const unique = i === 0 ? name : `${name}-${i}`;
      if (anchors.has(unique)) continue;
      anchors.add(unique);
      break;
    }
  }
  return anchors;
}

/** Links of a text that lead nowhere; `name` is where it stands. */
function deadLinks(name: string, text: string): string[] {
  const prose = text.replace(/^```[^]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    if (/^https?:/.test(target)) return [];
    const [file = "", anchor] = target.split("#");
    const leadsTo = path.join(path.dirname(name), file);
    if (file !== "" && !fs.existsSync(path.join(root, leadsTo)))
      return [target];
    if (anchor === undefined) return [];
    const there = file === "" ? text : read(leadsTo);
    return anchorsOf(there).has(anchor) ? [] : [target];
  });
}

describe("links", () => {
  const documents = [
    ...markdownIn("."),
    ...markdownIn("docs"),
    ...fs
      .readdirSync(path.join(root, "packages"))
      .flatMap((name) => markdownIn(`packages/${name}`)),
    ...fs
      .readdirSync(path.join(root, "examples"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => markdownIn(`examples/${name}`)),
  ];
  it.each(documents)("in %s lead somewhere", (name) => {
    expect(deadLinks(name, read(name))).toEqual([]);
  });

  it("that lead nowhere are found", () => {
    const text =
      "# One\n[a](#one) [b](#two) [c](nowhere.md) [d](errors.md#none) [e](errors.md#err_eio_closed)";
    expect(deadLinks("docs/some.md", text)).toEqual([
      "#two",
      "nowhere.md",
      "errors.md#none",
    ]);
  });

  it("lead to every guide, from README and from the index of the guides", () => {
    const guides = markdownIn("docs")
      .map((name) => path.basename(name))
      .filter((name) => name !== "README.md");
    for (const name of guides) {
      expect(read("README.md"), name).toContain(`](docs/${name})`);
      expect(read("docs/README.md"), name).toContain(`](${name})`);
    }
  });

  it.each(["CONTRIBUTING.md", "docs/architecture.md"])(
    "in %s to files by their names lead to files that exist",
    (name) => {
      const sources = [
        "src",
        "native-aio/src",
        "workers",
        "test",
        "scripts",
      ].flatMap((folder) =>
        fs
          .readdirSync(path.join(root, folder), {
            recursive: true,
            encoding: "utf8",
          })
          .map((file) => `${folder}/${file}`),
      );
      for (const [, file = ""] of read(name).matchAll(
        /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|c|h|mjs))`/g,
      ))
        expect(
          sources.some((one) => one === file || one.endsWith(`/${file}`)),
          file,
        ).toBe(true);
    },
  );

  it.each(["README.md", "CONTRIBUTING.md"])(
    "in %s name scripts that exist",
    (name) => {
      const { scripts } = JSON.parse(read("package.json")) as {
        scripts: Record<string, string>;
      };
      const named = [
        ...read(name).matchAll(/npm (?:run )?([\w:][\w:-]*)/g),
      ].flatMap(([, name = ""]) =>
        ["ci", "install", "run", "publish"].includes(name) ? [] : [name],
      );
      expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
    },
  );
});

describe("README", () => {
  const lines = read("README.md").split("\n");

  it("has fewer than 200 lines", () => {
    expect(lines.length).toBeLessThan(200);
  });

  it("says in the first 30 lines how to install it, and shows the figures", () => {
    const first = lines.slice(0, 30).join("\n");
    expect(first).toContain("npm install node-eio");
    expect(first).toContain("docs/benchmarks.svg");
  });

  it("says how to set up a clone, run the main job and the tests", () => {
    const text = lines.join("\n");
    for (const command of ["npm ci && npm run build", "npm start", "npm test"])
      expect(text).toMatch(new RegExp(`^${command} `, "m"));
  });
});
