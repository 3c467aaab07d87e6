// Programs that store something and note when it was acknowledged, and how one sees after a loss of power whether that
// was kept. They know no disk: they are given one, and how instances and disks are made.

const FILES = 3;
const VERSIONS = 6;
const SIZES = [10, 700, 5000, 9000];

/** A text that shows which version it is, and whether anything of it is missing. */
const versionText = (file, version) =>
  `${file}:${version}:`.padEnd(SIZES[(file + version) % SIZES.length], "v") +
  `:${version}`;

/**
 * Replaces files again and again, each by `write(fs, path, text)`. A loss is a file that has neither the version that was
 * acknowledged last nor one that was begun after it.
 */
function replacing(name, write) {
  return {
    name,
    async run({ createEio, disk }) {
      const eio = createEio({ backend: disk });
      const path = (file) => `/tmp/file${file}`;
      /** By file: the positions at which each version was begun and acknowledged. */
      const notes = Array.from({ length: FILES }, () => []);
      await Promise.all(
        notes.map(async (versions, file) => {
          for (let version = 0; version < VERSIONS; version++) {
            const note = { begun: disk.position, done: Infinity };
            versions.push(note);
            await write(eio, path(file), versionText(file, version));
            note.done = disk.position;
          }
        }),
      );
      await eio.close();
      return (left, at) =>
        notes.every((versions, file) => {
          const acknowledged = versions.findLastIndex(({ done }) => done <= at);
          const begun = versions.findLastIndex(({ begun }) => begun <= at);
          if (!left.fs.existsSync(path(file))) return acknowledged === -1;
          const text = left.fs.readFileSync(path(file), "latin1");
          const version = versions.findIndex(
            (_note, version) => versionText(file, version) === text,
          );
          return version >= Math.max(0, acknowledged) && version <= begun;
        });
    },
  };
}

export const ours = replacing("writeFileAtomic", (eio, path, text) =>
  eio.writeFileAtomic(path, text),
);

/** What many programs do: write beside, rename over, and hope. */
export const unsynced = replacing(
  "writeFile and rename",
  async ({ promises: fs }, path, text) => {
    await fs.writeFile(`${path}.new`, text);
    await fs.rename(`${path}.new`, path);
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
  async run({ createEio, disk }) {
    const eio = createEio({ backend: disk, ...SMALL });
    const log = await eio.appendLog("/tmp/orders.log", { maxBytes: 8192 });
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
        const opened = await after.appendLog("/tmp/orders.log");
        const texts = [];
        for await (const { data } of opened.read()) texts.push(data.toString());
        const acknowledged = notes.filter(({ done }) => done <= at).length;
        const begun = notes.filter(({ begun }) => begun <= at).length;
        const { offset } = await opened.append("one more");
        const more = [];
        for await (const { data } of opened.read({ from: offset }))
          more.push(data.toString());
        await opened.close();
        return (
          texts.length >= acknowledged &&
          texts.length <= begun &&
          texts.every((text, i) => text === notes[i].text) &&
          more.join() === "one more"
        );
      } finally {
        await after.close();
      }
    };
  },
};

/** How many of so many crashes, each at a random place, lost something; and the first seed of those. */
export async function crashes(workload, tools, { seeds, first = 0, profile }) {
  const disk = tools.simulatedDisk({ profile });
  const keeps = await workload.run({ ...tools, disk });
  let lost = 0;
  let example = null;
  for (let seed = first; seed < first + seeds; seed++) {
    // A multiplier without a common divisor: every place has its turn.
    const at = (seed * 7919) % (disk.position + 1);
    if (await keeps(disk.crash({ seed, at }), at)) continue;
    lost++;
    example ??= { seed, at };
  }
  return { workload: workload.name, profile, seeds, lost, example };
}

export const profileNames = ["posix", "ext4", "xfs", "btrfs"];
