// A model of a disk that is as forgetful as can be: a file has what it had at its last sync, a folder the names that it had at its
// own. It is written without a look at the simulator, as a second opinion on the same log.
const NOTHING = Buffer.alloc(0);

class Inode {
  data = NOTHING;
  synced = NOTHING;
  names = new Map();
  syncedNames = new Map();

  constructor(type, target = "") {
    this.type = type;
    this.target = target;
  }

  resize(size) {
    const { data } = this;
    this.data = Buffer.concat([data.subarray(0, size)], size);
  }

  write(offset, bytes) {
    const end = offset + bytes.length;
    if (end > this.data.length) this.resize(end);
    // A copy, since what was synced may be the same memory.
    this.data = Buffer.from(this.data);
    bytes.copy(this.data, offset);
  }

  sync() {
    this.synced = this.data;
    this.syncedNames = new Map(this.names);
  }
}

const O_TRUNC = 0o1000;
const decode = (digits) =>
  digits === "-" ? "" : Buffer.from(digits, "hex").toString("latin1");

export class SyncedOnly {
  #root = new Inode("folder");
  #open = new Map();

  #place(digits) {
    const parts = decode(digits).split("/").filter(Boolean);
    const name = parts.pop();
    let folder = this.#root;
    for (const part of parts) folder = folder.names.get(part);
    return { folder, name };
  }

  #at(digits) {
    const { folder, name } = this.#place(digits);
    return name === undefined ? folder : folder.names.get(name);
  }

  #put(digits, node) {
    const { folder, name } = this.#place(digits);
    if (node === undefined) folder.names.delete(name);
    else folder.names.set(name, node);
  }

  /** One call of the log. */
  run({ name, fields, data }) {
    const [first, second, third, fourth] = fields;
    const file = this.#open.get(first);
    switch (name) {
      case "open": {
        if (this.#at(fourth) === undefined)
          this.#put(fourth, new Inode("file"));
        const opened = this.#at(fourth);
        if ((Number(second) & O_TRUNC) !== 0) opened.resize(0);
        this.#open.set(first, opened);
        break;
      }
      case "close":
        this.#open.delete(first);
        break;
      case "write":
        file.write(Number(second), data);
        break;
      case "resize":
        file.resize(Number(second));
        break;
      case "truncate":
        this.#at(second).resize(Number(first));
        break;
      case "allocate": {
        const end = Number(second) + Number(third);
        if (end > file.data.length) file.resize(end);
        break;
      }
      case "sync":
      case "datasync":
        file.sync();
        break;
      case "mkdir":
        this.#put(second, new Inode("folder"));
        break;
      case "symlink":
        this.#put(second, new Inode("link", decode(first)));
        break;
      case "unlink":
      case "rmdir":
        this.#put(first, undefined);
        break;
      case "link":
        this.#put(second, this.#at(first));
        break;
      case "rename": {
        const [from, to] = [this.#at(second), this.#at(third)];
        this.#put(second, first === "2" ? to : undefined);
        this.#put(third, from);
        break;
      }
      case "chmod":
      case "chown":
        break;
      default:
        throw new Error(`a call that is not known: ${name}`);
    }
  }

  /** What is found after the power went. */
  left() {
    return this.#tree((node) => [node.synced, node.syncedNames]);
  }

  /** What is found while it is on. */
  seen() {
    return this.#tree((node) => [node.data, node.names]);
  }

  #tree(view) {
    const tree = new Map();
    const visit = (node, above) => {
      for (const [name, one] of view(node)[1]) {
        const { type, target } = one;
        const place = `${above}/${name}`;
        if (type === "folder") {
          tree.set(place, { type });
          visit(one, place);
        } else if (type === "link") tree.set(place, { type, target });
        else tree.set(place, { type, data: view(one)[0] });
      }
    };
    visit(this.#root, "");
    return tree;
  }
}
