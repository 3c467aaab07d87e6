// The loop's bell: what a close leaves behind of a wait, and that it wakes nobody any more.
import { expect, it } from "vitest";
import { Bell } from "../../src/backends/bell.ts";
import { Control } from "../../src/request/layout.ts";
import { turn } from "../helpers/engine.ts";

it("ends its wait when it is closed, and wakes nobody", async () => {
  const control = new Int32Array(new SharedArrayBuffer(1024));
  let wakes = 0;
  const bell = new Bell(control, () => wakes++);
  expect(bell.arm(() => 0)).toBe(true);
  bell.close();
  expect(Atomics.notify(control, Control.mainBell)).toBe(0);
  bell.disarm();
  bell.arm(() => 0);
  expect(Atomics.notify(control, Control.mainBell)).toBe(0);
  for (let i = 0; i < 5; i++) await turn();
  expect(wakes).toBe(0);
});
