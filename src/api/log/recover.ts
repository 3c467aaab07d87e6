// Finds the end of a log that is opened, cuts off what is behind it, and makes sure that what is left is on the disk. It does not
// know who appends then.
import { syncFolder } from "../sync-folder.ts";
import type { FileHandle } from "../types.ts";
import { HEADER_BYTES } from "./frame.ts";
import { damaged } from "./reader.ts";
import type { LogFiles } from "./files.ts";
import {
  OPEN_FLAGS,
  checkSegment,
  createSegment,
  listSegments,
  readHeader,
  type Segment,
} from "./segments.ts";

/** The last segment, open, and the offset behind its last record. */
export interface Recovered {
  segment: Segment;
  handle: FileHandle;
  end: number;
}

export async function recover(
  files: LogFiles,
  folder: string,
  throws: boolean,
  how: number,
): Promise<Recovered> {
  const segments = await listSegments(files, folder);
  for (let last = segments.pop(); last; last = segments.pop()) {
    const handle = await files.promises.open(last.path, OPEN_FLAGS | how);
    try {
      const segment = await readHeader(handle, last.path);
      if (segment === null) {
        const { size } = await handle.stat();
        // Its header is on the disk before anything is appended to it.
        if (size > HEADER_BYTES && throws)
          throw damaged(folder, last.start, "the head of its segment is wrong");
        // It was being made: nothing was appended to it yet.
        await files.promises.unlink(last.path);
        await handle.close();
        continue;
      }
      const { end, damaged: isDamaged } = await checkSegment(handle, segment);
      if (isDamaged && throws)
        throw damaged(folder, end, "a record there had been synced");
      await handle.truncate(HEADER_BYTES + end - segment.start);
      await handle.sync();
      await syncFolder(files, folder);
      return { segment, handle, end };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  return { ...(await createSegment(files, folder, 0, how)), end: 0 };
}
