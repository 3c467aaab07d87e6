// Node's own functions and classes of files, as they were when this was loaded: before anybody (our register door, say)
// put others in their place. It does not know who calls them.
import fs from "node:fs";
import promises from "node:fs/promises";

type AnyFunction = (...args: unknown[]) => unknown;

/** Of a module: functions that Node loads late are read now, as Node puts them in their place when they are first read. */
function ownOf(module: object): PropertyDescriptorMap {
  const properties = Object.getOwnPropertyDescriptors(
    module,
  ) as PropertyDescriptorMap;
  for (const [name, { get }] of Object.entries(properties))
    if (get !== undefined && /^[a-z]/.test(name) && name !== "promises")
      properties[name] = { value: get.call(module) as unknown };
  return properties;
}

const callbacks = ownOf(fs);
const promised = ownOf(promises);

export const nodeCallback = (name: string): AnyFunction | undefined =>
  callbacks[name]?.value as AnyFunction | undefined;
export const nodePromised = (name: string): AnyFunction | undefined =>
  promised[name]?.value as AnyFunction | undefined;
/** Node loads its streams when somebody reads one of their classes. */
export const nodeStream = (name: "ReadStream" | "WriteStream"): AnyFunction => {
  const { get, value } = callbacks[name]!;
  return (value ?? get!.call(fs)) as AnyFunction;
};
