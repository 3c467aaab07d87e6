// Node's functions and ours, each in both forms, so that one list of cases tests all of them.
import fs from "node:fs";
import fsp from "node:fs/promises";
import { afterAll, describe, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { expectSame, makeSides, show, viaCallback } from "./differential.ts";

export type Call = (...args: unknown[]) => unknown;
type Api = Record<string, Call>;
export type Form = "promises" | "callbacks";
export const forms: Form[] = ["promises", "callbacks"];

export const eio: Eio = createEio({ maxParallel: 2 });
afterAll(() => eio.close());

const formsOf = (own: Eio): Record<Form, Api> =>
  ({ promises: own.promises, callbacks: own.fs }) as unknown as Record<
    Form,
    Api
  >;
const ours = formsOf(eio);
const node = { promises: fsp, callbacks: fs } as unknown as typeof ours;

const callOf = (api: Record<Form, Api>, form: Form, name: string): Call => {
  const call = api[form][name]!;
  return form === "promises" ? call : viaCallback(call as never);
};
export const nodeCall = (form: Form, name: string): Call =>
  callOf(node, form, name);
export const ourCall = (form: Form, name: string, own = eio): Call =>
  callOf(own === eio ? ours : formsOf(own), form, name);

export type Arguments = (
  at: (name: string) => string,
  folder: string,
) => unknown[];

const joined =
  (folder: string) =>
  (name: string): string =>
    name === "" ? folder : `${folder}/${name}`;

/** Each case in both forms: the same outcome, in a form that `look` may change or add to. */
export function sameAsNode(
  name: string,
  cases: Record<string, Arguments>,
  build: (folder: string) => void,
  look: (value: unknown, folder: string) => unknown = (value) => value,
  inForms: Form[] = forms,
): void {
  describe.each(inForms)(`${name}, %s`, (form) => {
    it.each(Object.entries(cases))("%s", async (_about, args) => {
      const side = (call: Call) => async (folder: string) => {
        const given = args(joined(folder), folder);
        let failed: unknown;
        let value: unknown;
        try {
          value = await call(...given);
        } catch (error) {
          failed = error;
        }
        const looked = look(failed === undefined ? value : null, folder);
        if (failed !== undefined)
          throw Object.assign(failed as Error, { looked: show(looked) });
        return looked;
      };
      await expectSame(
        makeSides(build),
        side(nodeCall(form, name)),
        side(ourCall(form, name)),
      );
    });
  });
}
