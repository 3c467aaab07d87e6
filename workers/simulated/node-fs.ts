// What the executors of a simulated disk find where they import node:fs: the functions of whichever disk is in use. The build
// puts it in that place; it does not know what a disk does.
import { constants } from "node:fs";

export { constants };

type AnyFunction = (...args: unknown[]) => unknown;
export type Files = Record<string, AnyFunction> & {
  realpathSync: AnyFunction & { native: AnyFunction };
};

let current: Files;

/** From now on, until the next call. */
export function use(files: Files): void {
  current = files;
}

const NAMES =
  "access chmod chown close copyFile exists fchmod fchown fdatasync fstat fsync ftruncate futimes lchmod lchown link lstat lutimes mkdir mkdtemp open opendir read readdir readFile readlink rename rm rmdir stat statfs symlink unlink utimes write";

/** A listing is an instance of no class of Node's. */
class Dir {}

const forwards = Object.fromEntries(
  NAMES.split(" ").map((name): [string, AnyFunction] => {
    const own = `${name}Sync`;
    return [own, (...args) => current[own]!(...args)];
  }),
);

export default {
  ...forwards,
  realpathSync: Object.assign(
    (...args: unknown[]) => current.realpathSync(...args),
    {
      native: (...args: unknown[]) => current.realpathSync.native(...args),
    },
  ),
  constants,
  Dir,
};
