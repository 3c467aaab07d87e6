// Programs that store something and note when it was acknowledged, and how one sees after a loss of power whether that
// was kept. They know no disk: they are given one and a folder of it, and how instances and disks are made.
//
// What `run` resolves with says of a disk that is left after a crash what was lost there, in a word; null where nothing was.
import { dirname } from "node:path";

const FILES = 3;
const VERSIONS = 6;
const SIZES = [10, 700, 5000, 9000];

/** A text that shows which version it is, and whether anything of it is missing. */
const versionText = (file, version) =>
  `${file}:${version}:`.padEnd(SIZES[(file + version) % SIZES.length], "v") +
  `:${version}`;

function lossOf({ fs, folder = "/tmp" }, file, { acknowledged, begun }) {
  const path = `${folder}/file${file}`;
  if (!fs.existsSync(path)) return acknowledged === -1 ? null : "missing";
  const text = fs.readFileSync(path, "latin1");
  const version = Array.from({ length: VERSIONS }).findIndex(
    (_, version) => versionText(file, version) === text,
  );
  if (version === -1) return text === "" ? "empty" : "torn";
  if (version < acknowledged) return "older";
  return version > begun ? "not begun" : null;
}

/**
 * Replaces files again and again, each by `write(fs, path, text)`. A loss is a file that has neither the version that was
 * acknowledged last nor one that was begun after it.
 */
function replacing(name, write) {
  return {
    name,
    async run({ createEio, disk, folder = "/tmp" }) {
      const eio = createEio({ backend: disk });
      /** By file: the positions at which each version was begun and acknowledged. */
      const notes = Array.from({ length: FILES }, () => []);
      await Promise.all(
        notes.map(async (versions, file) => {
          for (let version = 0; version < VERSIONS; version++) {
            const note = { begun: disk.position, done: Infinity };
            versions.push(note);
            const path = `${folder}/file${file}`;
            await write(eio, path, versionText(file, version));
            note.done = disk.position;
          }
        }),
      );
      await eio.close();
      return (left, at) => {
        for (const [file, versions] of notes.entries()) {
          const lost = lossOf(left, file, {
            acknowledged: versions.findLastIndex(({ done }) => done <= at),
            begun: versions.findLastIndex(({ begun }) => begun <= at),
          });
          if (lost !== null) return lost;
        }
        return null;
      };
    },
  };
}

export const ours = replacing("writeFileAtomic", (eio, path, text) =>
  eio.writeFileAtomic(path, text),
);

async function replace({ promises: fs }, path, text) {
  await fs.writeFile(`${path}.new`, text);
  await fs.rename(`${path}.new`, path);
}

/** What many programs do: write beside, rename over, and hope. */
export const unsynced = replacing("writeFile and rename", replace);

/** Makes the new name last, and not what it leads to. */
export const onlyNames = replacing(
  "writeFile, rename and a synced folder",
  async (eio, path, text) => {
    await replace(eio, path, text);
    const folder = await eio.promises.open(dirname(path));
    await folder.sync();
    await folder.close();
  },
);

/** The npm package, with our callbacks in the place of node:fs. */
export const ofPackage = (writeFileAtomic) =>
  replacing("write-file-atomic", (_eio, path, text) =>
    writeFileAtomic(path, text),
  );

const SMALL = { slots: 16, arenaBytes: 1 << 20, allocBytes: 0 };
const BURSTS = 6;
const PER_BURST = 5;
const RECORD_BYTES = [1, 40, 700, 3000];

/** Appends in bursts, over several segments. What was acknowledged has to be there, in its order, and nothing else. */
export const log = {
  name: "appendLog",
  async run({ createEio, disk, folder = "/tmp" }) {
    const eio = createEio({ backend: disk, ...SMALL });
    const name = "orders.log";
    const log = await eio.appendLog(`${folder}/${name}`, { maxBytes: 8192 });
    const notes = [];
    const append = async () => {
      const note = { begun: disk.position, done: Infinity, text: "" };
      const number = notes.push(note) - 1;
      note.text = `${number}:`.padEnd(
        RECORD_BYTES[number % RECORD_BYTES.length],
        "r",
      );
      await log.append(note.text);
      note.done = disk.position;
    };
    for (let burst = 0; burst < BURSTS; burst++)
      await Promise.all(Array.from({ length: PER_BURST }, append));
    await log.close();
    await eio.close();
    return async (left, at) => {
      const after = createEio({ backend: left, ...SMALL });
      try {
        const { folder = "/tmp" } = left;
        const opened = await after.appendLog(`${folder}/${name}`);
        const texts = [];
        for await (const { data } of opened.read()) texts.push(data.toString());
        const acknowledged = notes.filter(({ done }) => done <= at).length;
        const begun = notes.filter(({ begun }) => begun <= at).length;
        const { offset } = await opened.append("one more");
        const more = [];
        for await (const { data } of opened.read({ from: offset }))
          more.push(data.toString());
        await opened.close();
        if (texts.length < acknowledged) return "missing";
        if (texts.length > begun) return "not begun";
        if (texts.some((text, i) => text !== notes[i].text)) return "torn";
        return more.join() === "one more" ? null : "no more goes in";
      } finally {
        await after.close();
      }
    };
  },
};

/**
 * How many of so many crashes, each at a random place, lost something; which kinds of losses there were; and the first seed
 * of those.
 */
export async function crashes(workload, tools, { seeds, first = 0, profile }) {
  const disk = tools.simulatedDisk({ profile });
  const lossAt = await workload.run({ ...tools, disk });
  let lost = 0;
  let example = null;
  const kinds = new Set();
  for (let seed = first; seed < first + seeds; seed++) {
    // A multiplier without a common divisor: every place has its turn.
    const at = (seed * 7919) % (disk.position + 1);
    const loss = await lossAt(disk.crash({ seed, at }), at);
    if (loss === null) continue;
    lost++;
    kinds.add(loss);
    example ??= { seed, at };
  }
  const all = [...kinds].sort();
  return { workload: workload.name, profile, seeds, lost, kinds: all, example };
}

export const profileNames = ["posix", "ext4", "xfs", "btrfs"];
