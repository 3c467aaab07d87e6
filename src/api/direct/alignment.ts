// What a file system requires of transfers that bypass the page cache: the alignment of memory, and that
// of positions and lengths. It does not know what is done about it.
import fs from "node:fs/promises";
import { loadNative } from "../../backends/native.ts";

export interface Alignment {
  memory: number;
  /** Of positions and lengths: the size of a block. */
  file: number;
}

/** No disk that is known has larger blocks than what fits a page. */
const DEFAULT_ALIGNMENT: Alignment = { memory: 4096, file: 4096 };
const SECTOR_BYTES = 512;

/** From before anybody (our register door, say) replaces it. */
const { readFile } = fs;

/** null: the file takes no direct transfers, although it could be opened for them. */
export async function alignmentOf(
  fd: number,
  device: bigint,
): Promise<Alignment | null> {
  const known = loadNative().addon?.dioAlign(fd) ?? null;
  if (known === null) return (await ofDevice(device)) ?? DEFAULT_ALIGNMENT;
  const [memory, file] = known;
  return file === 0
    ? null
    : { memory: Math.max(memory, 1), file: Math.max(file, SECTOR_BYTES) };
}

/** The disk that a device number is of; a part of a disk has its queue one folder further up. */
async function ofDevice(device: bigint): Promise<Alignment | null> {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const folder = `/sys/dev/block/${major}:${minor}`;
  for (const queue of [`${folder}/queue`, `${folder}/../queue`])
    try {
      const text = await readFile(`${queue}/logical_block_size`, "latin1");
      const bytes = Number(text);
      if (bytes >= SECTOR_BYTES && Number.isInteger(Math.log2(bytes)))
        return { memory: bytes, file: bytes };
    } catch {
      continue;
    }
  return null;
}
