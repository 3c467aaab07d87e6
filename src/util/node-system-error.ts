// Node's SystemError: what its own JavaScript throws where a rule of a function, not the system, refuses (a folder
// given to rm, a tree copied into itself). It knows no such rule.

/** What it is about, in the system's terms. */
export interface SystemErrorInfo {
  code: string;
  message: string;
  path: string;
  syscall: string;
  /** The system's number, above 0. */
  errno: number;
}

const prefixes: Record<string, string> = {
  ERR_FS_EISDIR: "Path is a directory",
  ERR_FS_CP_DIR_TO_NON_DIR: "Cannot overwrite non-directory with directory",
  ERR_FS_CP_EEXIST: "Target already exists",
  ERR_FS_CP_EINVAL: "Invalid src or dest",
  ERR_FS_CP_FIFO_PIPE: "Cannot copy a FIFO pipe",
  ERR_FS_CP_NON_DIR_TO_DIR: "Cannot overwrite directory with non-directory",
  ERR_FS_CP_SOCKET: "Cannot copy a socket file",
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY:
    "Cannot overwrite symlink in subdirectory of self",
  ERR_FS_CP_UNKNOWN: "Cannot copy an unknown file type",
};

export class NodeSystemError extends Error {
  readonly code: string;
  readonly info: SystemErrorInfo;
  readonly errno: number;
  readonly syscall: string;
  readonly path: string;

  constructor(code: string, info: SystemErrorInfo) {
    const { message, path, syscall, errno } = info;
    super(
      `${prefixes[code]}: ${syscall} returned ${info.code} (${message}) ${path}`,
    );
    // Node shows the code in the stack, and keeps the name itself clean.
    this.#named(`SystemError [${code}]`);
    void this.stack;
    this.#named("SystemError");
    this.code = code;
    this.info = info;
    this.errno = errno;
    this.syscall = syscall;
    this.path = path;
  }

  /** The frames above that function, behind a line that shows the code. */
  showAbove(above: (...args: never[]) => unknown): void {
    this.#named(`SystemError [${this.code}]`);
    Error.captureStackTrace(this, above);
    void this.stack;
    this.#named("SystemError");
  }

  #named(value: string): void {
    Object.defineProperty(this, "name", {
      value,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}
