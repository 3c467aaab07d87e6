// What is known of file systems by their types, as the kernel's table of mounts names them: who responds for them, and what
// calls mean there, each with its source. THE list: the loop's lanes (a C header is made of it), lanes for each mount, the doctor and
// docs/distributed.md go by it. It knows no mount.

export const sources = {
  "open(2)": "https://man7.org/linux/man-pages/man2/open.2.html",
  "fcntl_locking(2)":
    "https://man7.org/linux/man-pages/man2/fcntl_locking.2.html",
  "flock(2)": "https://man7.org/linux/man-pages/man2/flock.2.html",
  "rename(2)": "https://man7.org/linux/man-pages/man2/rename.2.html",
  "copy_file_range(2)":
    "https://man7.org/linux/man-pages/man2/copy_file_range.2.html",
  "inotify(7)": "https://man7.org/linux/man-pages/man7/inotify.7.html",
  "fanotify_mark(2)":
    "https://man7.org/linux/man-pages/man2/fanotify_mark.2.html",
  "nfs(5)": "https://man7.org/linux/man-pages/man5/nfs.5.html",
  "linux/fuse.h":
    "https://github.com/torvalds/linux/blob/v6.18/include/uapi/linux/fuse.h",
  "fs/nfs/dir.c": "https://github.com/torvalds/linux/blob/v6.18/fs/nfs/dir.c",
  "fs/9p/vfs_file.c":
    "https://github.com/torvalds/linux/blob/v6.18/fs/9p/vfs_file.c",
  "fs/9p/vfs_inode.c":
    "https://github.com/torvalds/linux/blob/v6.18/fs/9p/vfs_inode.c",
  "fs/ceph/locks.c":
    "https://github.com/torvalds/linux/blob/v6.18/fs/ceph/locks.c",
  "fs/ceph/dir.c": "https://github.com/torvalds/linux/blob/v6.18/fs/ceph/dir.c",
  "fs/smb/client/inode.c":
    "https://github.com/torvalds/linux/blob/v6.18/fs/smb/client/inode.c",
  "9p.rst": "https://docs.kernel.org/filesystems/9p.html",
  "ceph.rst": "https://docs.kernel.org/filesystems/ceph.html",
  /** `npm run test:distributed` prints it; docs/distributed.md says on what. */
  run: null,
} as const;
export type Source = keyof typeof sources;

/** What a call means on a file system, and who says so. */
export interface Meaning {
  what: string;
  source: Source;
}

/** The questions that programs ask of a file system, and how a person would put them. */
export const questions = {
  direct: "O_DIRECT",
  locks: "locks (OFD, flock)",
  rename: "renameat2 with flags",
  copy: "copy_file_range",
  watch: "inotify, fanotify",
} as const;
export type Question = keyof typeof questions;
export const questionNames = Object.keys(questions) as Question[];

export interface FileSystem {
  /**
   * Who responds: this machine, another program or machine, which may never do so, or the kernel, which makes up
   * what is read, and may be waited for.
   */
  readonly by: "machine" | "others" | "kernel";
  /** What is different there, in a sentence; null: nothing that matters here. */
  readonly about: string | null;
  /** null: nobody has looked. */
  readonly meanings: Readonly<Record<Question, Meaning>> | null;
}

const says = (source: Source, what: string): Meaning => ({ what, source });

const IN_MEMORY =
  "in memory: nothing there survives a restart, whatever is synced";
const MADE_UP = "made by the kernel: sizes are 0, files are read to their end";
const SILENT =
  "can stop responding: the loop's own thread leaves it alone, threads may hang in it";

const local = (
  about: string | null,
  meanings: FileSystem["meanings"] = null,
): FileSystem => ({ by: "machine", about, meanings });
const remote = (meanings: FileSystem["meanings"] = null): FileSystem => ({
  by: "others",
  about: SILENT,
  meanings,
});
const madeUp: FileSystem = { by: "kernel", about: MADE_UP, meanings: null };

/** What is not listed is a disk's, and nothing is known of it. */
const UNKNOWN = local(null);

const ON_DISK = {
  locks: says("fcntl_locking(2)", "hold between all processes of the machine"),
  watch: says("inotify(7)", "both see every change"),
};
const BLIND = says(
  "inotify(7)",
  "see what this machine does, and nothing of others",
);
const FORWARDED_RENAME = says(
  "linux/fuse.h",
  "as its program does it (FUSE_RENAME2); EINVAL if it does not",
);

const fuse = {
  direct: says(
    "linux/fuse.h",
    "past this machine's page cache; what the program's side keeps is its own affair",
  ),
  locks: says(
    "linux/fuse.h",
    "kept by this kernel for one mount, unless the program takes them over (FUSE_POSIX_LOCKS, FUSE_FLOCK_LOCKS)",
  ),
  rename: FORWARDED_RENAME,
  copy: says(
    "linux/fuse.h",
    "by the program (FUSE_COPY_FILE_RANGE); if it has none, through memory",
  ),
  watch: says(
    "fanotify_mark(2)",
    "inotify sees what this mount does, and nothing of others; fanotify cannot report names (no fsid)",
  ),
};

const nfs = {
  direct: says(
    "open(2)",
    "past the client's page cache only; the server may still keep the data in its own",
  ),
  locks: says(
    "nfs(5)",
    "kept by the server through lockd; with nolock or local_lock on one client only",
  ),
  rename: says("fs/nfs/dir.c", "EINVAL"),
  copy: says("copy_file_range(2)", "through memory"),
  watch: BLIND,
};
const nfs4 = {
  ...nfs,
  locks: says(
    "fcntl_locking(2)",
    "kept by the server, as byte ranges (flock, too); lost when the client cannot reach it for the length of a lease (about 90 s)",
  ),
  copy: says("copy_file_range(2)", "on the server, from NFS 4.2 on"),
};
const smb = {
  direct: says("open(2)", "depends on the mount's options (cache=none)"),
  locks: says(
    "flock(2)",
    "kept by the server and mandatory: others cannot read or write a locked range. flock: only on one client before Linux 5.5",
  ),
  rename: says("fs/smb/client/inode.c", "RENAME_NOREPLACE; EINVAL for others"),
  copy: says("copy_file_range(2)", "on the server"),
  watch: BLIND,
};

const table: Readonly<Record<string, FileSystem>> = {
  ext4: local(null, {
    direct: says("open(2)", "past the page cache, in whole blocks"),
    rename: says("rename(2)", "all flags"),
    copy: says("copy_file_range(2)", "through the page cache"),
    ...ON_DISK,
  }),
  xfs: local(null, {
    direct: says("open(2)", "past the page cache, in whole blocks"),
    rename: says("rename(2)", "all flags"),
    copy: says("copy_file_range(2)", "as a reflink where it was made with one"),
    ...ON_DISK,
  }),
  btrfs: local(null, {
    direct: says("open(2)", "past the page cache, in whole blocks"),
    rename: says("rename(2)", "all flags"),
    copy: says("copy_file_range(2)", "as a reflink"),
    ...ON_DISK,
  }),
  tmpfs: local(IN_MEMORY, {
    direct: says("run", "is allowed, in any length (Linux 6.18)"),
    rename: says("rename(2)", "all flags"),
    copy: says("copy_file_range(2)", "through memory"),
    ...ON_DISK,
  }),
  ramfs: local(IN_MEMORY),
  overlay: local(
    "a container's layers: the first write to an old file copies all of it; a volume does not",
  ),

  nfs: remote(nfs),
  nfs4: remote(nfs4),
  cifs: remote(smb),
  smb3: remote(smb),
  smbfs: remote(),
  "9p": remote({
    direct: says("9p.rst", "past this machine's page cache (cache=none)"),
    locks: says(
      "fs/9p/vfs_file.c",
      "kept by the server with 9P2000.L; else on one client only",
    ),
    rename: says("fs/9p/vfs_inode.c", "EINVAL"),
    copy: says("copy_file_range(2)", "through memory"),
    watch: BLIND,
  }),
  ceph: remote({
    direct: says("ceph.rst", "past this machine's page cache"),
    locks: says(
      "fs/ceph/locks.c",
      "kept by the metadata server (fcntl and flock)",
    ),
    rename: says("fs/ceph/dir.c", "EINVAL"),
    copy: says("ceph.rst", "on the servers, with the option copyfrom"),
    watch: BLIND,
  }),
  virtiofs: remote(fuse),
  fuse: remote(fuse),
  fuseblk: remote(fuse),
  "fuse.glusterfs": remote({
    ...fuse,
    direct: says("run", "in whole blocks; others see what was written"),
    locks: says(
      "run",
      "hold between two clients, flock too; a client that is cut off loses them without notice",
    ),
    rename: says("run", "EINVAL"),
    copy: says("run", "is done"),
  }),
  "fuse.sshfs": remote({
    ...fuse,
    direct: says("run", "is allowed, in any length"),
    locks: says("run", "hold within one mount, and not between two"),
    rename: says("run", "EINVAL"),
    copy: says("run", "is done"),
  }),
  autofs: remote(),
  afs: remote(),
  coda: remote(),
  lustre: remote(),
  glusterfs: remote(),
  beegfs: remote(),
  gpfs: remote(),
  orangefs: remote(),
  pvfs2: remote(),
  ocfs2: remote(),
  gfs2: remote(),
  davfs: remote(),

  ...Object.fromEntries(
    [
      ...["proc", "sysfs", "debugfs", "tracefs", "cgroup", "cgroup2"],
      ...["devpts", "mqueue", "bpf", "configfs", "pstore", "securityfs"],
      ...["efivarfs", "binfmt_misc", "nsfs", "selinuxfs", "resctrl"],
    ].map((type) => [type, madeUp]),
  ),
};

export const fileSystemTypes = Object.keys(table);

/** The types of which `fuse.` is the first part are all of one family: FUSE, and the name of a program. */
const FAMILY = "fuse.";

export function fileSystemOf(type: string): FileSystem {
  if (Object.hasOwn(table, type)) return table[type]!;
  return type.startsWith(FAMILY) ? table["fuse"]! : UNKNOWN;
}
