// fs.promises.mkdtempDisposable, which Node has from 24.4 on: a folder of a unique name that goes, with all that is
// in it, when its scope ends. It knows no system call: it makes and removes by the calls beside it.
import { resolve } from "node:path";
import type { AnyFunction } from "../call-forms.ts";
import type { Submitter } from "../submitter.ts";
import { promised } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";
import { rmRequest } from "../trees/rm.ts";

export interface DisposableTempDir extends AsyncDisposable {
  path: string;
  remove(): Promise<void>;
}

export function mkdtempDisposableOf(
  mkdtemp: AnyFunction,
  engine: () => Submitter,
): AnyFunction {
  const form = {
    async mkdtempDisposable(...args: unknown[]): Promise<DisposableTempDir> {
      const terms = termsOf(engine(), args[1]);
      const cwd = process.cwd();
      const path = (await mkdtemp(...args)) as string;
      // Kept whole: the current folder may be another one by then.
      const full = terms.wd === null ? resolve(cwd, path) : path;
      const remove = async (): Promise<void> => {
        const request = rmRequest(full, {
          recursive: true,
          force: true,
          maxRetries: 0,
          retryDelay: 0,
        });
        // The call that made it is over: what ended that does not end this.
        await promised(engine(), applyTerms(request, terms.withoutEnd));
      };
      const made: DisposableTempDir = {
        path,
        remove,
        async [Symbol.asyncDispose]() {
          await remove();
        },
      };
      return Object.setPrototypeOf(made, null) as DisposableTempDir;
    },
  };
  return form.mkdtempDisposable as AnyFunction;
}
