// The calls on folders, for one instance: readdir and opendir in their two forms.
import type { Engine } from "../../engine/engine.ts";
import { callbackForm, promiseForm, type AnyFunction } from "../forms.ts";
import { opendir } from "./opendir.ts";
import { readdirCalled, readdirPromised } from "./readdir.ts";
import { Sharing } from "./sharing.ts";

type Functions = Record<string, AnyFunction>;

export function folderCalls(engine: () => Engine): {
  promises: Functions;
  callbacks: Functions;
} {
  let sharing: Sharing | undefined;
  const shared = (): Sharing => (sharing ??= new Sharing(engine()));
  return {
    promises: {
      readdir: promiseForm("readdir", readdirPromised, shared),
      opendir: promiseForm("opendir", opendir, engine),
    },
    callbacks: {
      readdir: callbackForm("readdir", readdirCalled, shared),
      opendir: callbackForm("opendir", opendir, engine),
    },
  };
}
