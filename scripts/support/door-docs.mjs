// What an editor shows of the named functions of node-eio/promises and node-eio/fs: their types are made from Node's, which loses what Node's
// say of them. It has a sentence for each, and puts them into declarations.

/** What takes none of our options, and is Node's function of that name. */
const NODES_OWN = ["lchmod", "openAsBlob", "unwatchFile", "watch"];
const NO_OPTIONS = [...NODES_OWN, "close", "exists", "watchFile"];

const sentences = {
  access: "Whether a path can be reached with these permissions.",
  appendFile:
    "Adds data to the end of a file, which is made if it is not there.",
  chmod: "Changes the permissions of a file.",
  chown: "Changes the owner and group of a file.",
  close: "Closes a descriptor.",
  copyFile: "Copies a file.",
  cp: "Copies a file or, with `recursive`, a whole folder.",
  createReadStream: "A stream that reads a file.",
  createWriteStream: "A stream that writes a file.",
  exists: "Whether there is something at a path.",
  fchmod: "Changes the permissions of an open file.",
  fchown: "Changes the owner and group of an open file.",
  fdatasync: "Brings the data of an open file to the disk.",
  fstat: "The attributes of an open file.",
  fsync: "Brings data and attributes of an open file to the disk.",
  ftruncate: "Sets the length of an open file.",
  futimes: "Sets the times of an open file.",
  glob: "The files that match a pattern.",
  lchmod: "Changes the permissions of a symbolic link, where the system can.",
  lchown: "Changes the owner and group of a symbolic link.",
  link: "Makes a hard link.",
  lstat: "The attributes of a file, of a symbolic link itself.",
  lutimes: "Sets the times of a file, of a symbolic link itself.",
  mkdir: "Makes a folder; with `recursive` also those above it.",
  mkdtemp: "Makes a folder with a name of its own.",
  mkdtempDisposable:
    "Makes a folder with a name of its own, which goes when its scope ends.",
  open: "Opens a file.",
  openAsBlob: "A Blob with the content of a file.",
  opendir: "Opens a folder, to read its entries one by one.",
  read: "Reads from an open file into memory.",
  readFile: "Reads a whole file.",
  readdir: "The names, or with `withFileTypes` the entries, of a folder.",
  readlink: "What a symbolic link points to.",
  readv: "Reads from an open file into several pieces of memory.",
  realpath: "The path with no symbolic link, `.` or `..` in it.",
  rename: "Renames a file; one that has the new name is replaced.",
  rm: "Removes a file or, with `recursive`, a whole folder.",
  rmdir: "Removes an empty folder.",
  stat: "The attributes of a file.",
  statfs: "What is free in the file system of a path.",
  symlink: "Makes a symbolic link.",
  truncate: "Sets the length of a file.",
  unlink: "Removes a file.",
  unwatchFile: "Ends what `watchFile` began.",
  utimes: "Sets the times of a file.",
  watch: "Reports changes of a file or folder.",
  watchFile: "Looks at a file now and then, and reports changes.",
  write: "Writes to an open file.",
  writeFile: "Writes a whole file; one that is there is replaced.",
  writev: "Writes several pieces of memory to an open file.",
};
const FURTHER =
  "Beyond Node's options it takes `signal`, `timeout`, `priority` and `lane`.";

/** What is said of a name; undefined where it is no function of a file system. */
export function docOf(name) {
  const asynchronous = name.replace(/Sync$/, "");
  const sentence = sentences[asynchronous];
  if (sentence === undefined) return undefined;
  if (asynchronous !== name) return `${sentence} Node's own, which blocks.`;
  if (NODES_OWN.includes(name)) return `${sentence} Node's own.`;
  return NO_OPTIONS.includes(name) ? sentence : `${sentence} ${FURTHER}`;
}

/**
 * Declarations with a comment before each function that has none.
 * @param {string} text
 */
export const withDocs = (text) =>
  text.replace(/(?<!\*\/\n)^declare const (\w+):/gm, (line, name) => {
    const doc = docOf(name);
    return doc === undefined ? line : `/** ${doc} */\n${line}`;
  });
