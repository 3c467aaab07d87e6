// Uploads in a folder, each a file of data and one that says how much of it is on the disk: only that counts, whatever else the data
// file has. How requests come in is not known here.
import { randomUUID } from "node:crypto";
import path from "node:path";

/** So much is sent again at most after a loss of power in the middle of a long request. */
const CHECKPOINT_BYTES = 8 << 20;

/** What a client did that cannot be done, as a status of HTTP. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Uploads {
  /** Who has an upload now: one request at a time. */
  #holders = new Map();

  constructor(eio, folder, checkpointBytes = CHECKPOINT_BYTES) {
    Object.assign(this, { eio, folder, checkpointBytes });
  }

  #pathOf(id, kind) {
    return path.join(this.folder, `${id}.${kind}`);
  }

  /** Resolves to its id when its files, and their names, are on the disk. */
  async create(length, about) {
    const id = randomUUID();
    await this.eio.promises.writeFile(this.#pathOf(id, "data"), "");
    await this.#save(id, { length, offset: 0, about });
    return id;
  }

  /** Resolves to `{ length, offset, about }`; a request that is still sending is cut, so that the offset stays. */
  find(id) {
    return this.#hold(id, () => this.#load(id));
  }

  /** Resolves when all of the body is on the disk. One that ends early is an error, and what came of it is kept. */
  append(id, offset, body) {
    const work = async () => {
      const upload = await this.#load(id);
      if (offset !== upload.offset)
        throw new Refused(409, `the upload goes on at ${upload.offset}`);
      const file = this.#pathOf(id, "data");
      const handle = await this.eio.promises.open(file, "r+");
      return this.#receive(id, upload, handle, body).finally(() =>
        handle.close(),
      );
    };
    return this.#hold(id, work, () => body.destroy());
  }

  async #receive(id, upload, handle, body) {
    let end = upload.offset;
    const sync = async () => {
      if (end === upload.offset) return;
      await handle.datasync();
      await this.#save(id, { ...upload, offset: end });
      upload.offset = end;
    };
    try {
      for await (const chunk of body) {
        if (end + chunk.length > upload.length)
          throw new Refused(413, "more than the length of the upload");
        for (let rest = chunk; rest.length > 0;) {
          const { bytesWritten } = await handle.write(rest, { position: end });
          rest = rest.subarray(bytesWritten);
          end += bytesWritten;
        }
        if (end - upload.offset >= this.checkpointBytes) await sync();
      }
    } finally {
      await sync();
    }
    return upload;
  }

  /** Whoever comes later cuts the one before, and waits until what that has received is on the disk. */
  #hold(id, work, cut = () => {}) {
    const before = this.#holders.get(id);
    before?.cut();
    const working = Promise.resolve(before?.ended).then(work);
    const ended = working
      .catch(() => {})
      .then(() => {
        if (this.#holders.get(id)?.ended === ended) this.#holders.delete(id);
      });
    this.#holders.set(id, { cut, ended });
    return working;
  }

  async #load(id) {
    try {
      const file = this.#pathOf(id, "json");
      return JSON.parse(await this.eio.promises.readFile(file, "utf8"));
    } catch (error) {
      if (error.code === "ENOENT") throw new Refused(404, "no such upload");
      throw error;
    }
  }

  #save(id, upload) {
    const text = JSON.stringify(upload);
    return this.eio.writeFileAtomic(this.#pathOf(id, "json"), text);
  }
}
