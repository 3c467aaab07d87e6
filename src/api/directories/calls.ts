// The calls on folders, for one instance: readdir and opendir in their two forms. It does not know how a folder is
// listed.
import type { Submitter } from "../submitter.ts";
import {
  callbackForm,
  promiseForm,
  type AnyFunction,
  type Prepare,
} from "../call-forms.ts";
import { opendir } from "./opendir.ts";
import { readdirCalled, readdirPromised } from "./readdir.ts";
import { Sharing } from "./sharing.ts";

const openFolder: Prepare = (args, engine) => opendir(args, engine);

type Functions = Record<string, AnyFunction>;

export function folderCalls(engine: () => Submitter): {
  promises: Functions;
  callbacks: Functions;
} {
  let sharing: Sharing | undefined;
  const shared = (): Sharing => (sharing ??= new Sharing(engine()));
  return {
    promises: {
      readdir: promiseForm(
        "readdir",
        (args, shared) => readdirPromised(args, shared),
        shared,
      ),
      opendir: promiseForm("opendir", openFolder, engine),
    },
    callbacks: {
      readdir: callbackForm(
        "readdir",
        (args, shared) => readdirCalled(args, shared),
        shared,
      ),
      opendir: callbackForm("opendir", openFolder, engine),
    },
  };
}
