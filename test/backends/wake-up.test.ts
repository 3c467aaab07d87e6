// The loop's bell: what a close leaves behind of a wait, and that it wakes no loop any more.
import { expect, it, vi } from "vitest";
import { WakeUp } from "../../src/backends/wake-up.ts";
import { Control, MainState } from "../../src/request/layout.ts";
import { turn } from "../helpers/engine.ts";

it("ends its wait when it is closed, and wakes no loop", async () => {
  const control = new Int32Array(new SharedArrayBuffer(1024));
  let wakes = 0;
  const bell = new WakeUp(control, () => wakes++);
  expect(bell.arm(() => 0)).toBe(true);
  bell.close();
  expect(Atomics.notify(control, Control.mainBell)).toBe(0);
  bell.disarm();
  bell.arm(() => 0);
  expect(Atomics.notify(control, Control.mainBell)).toBe(0);
  for (let i = 0; i < 5; i++) await turn();
  expect(wakes).toBe(0);
});

function makeBell(): {
  control: Int32Array;
  bell: WakeUp;
  wakes: () => number;
} {
  const control = new Int32Array(new SharedArrayBuffer(1024));
  let wakes = 0;
  return {
    control,
    bell: new WakeUp(control, () => wakes++),
    wakes: () => wakes,
  };
}

/** As a worker whose completion finds the loop armed. */
function ring(control: Int32Array): void {
  Atomics.store(control, Control.mainState, MainState.awake);
  Atomics.add(control, Control.mainBell, 1);
  Atomics.notify(control, Control.mainBell);
}

it("does not let the loop sleep over what is pending", () => {
  const { control, bell } = makeBell();
  expect(bell.arm(() => 1)).toBe(false);
  expect(Atomics.load(control, Control.mainState)).toBe(MainState.awake);
});

it("wakes the loop when it rings after the last look and before the wait", async () => {
  const { control, bell, wakes } = makeBell();
  const look = (): number => (ring(control), 0);
  expect(bell.arm(look)).toBe(true);
  await turn();
  expect(wakes()).toBe(1);
  bell.close();
});

it("wakes the loop when it rings while the wait begins", async () => {
  const { bell, wakes } = makeBell();
  vi.spyOn(Atomics, "waitAsync").mockReturnValueOnce({
    async: false,
    value: "not-equal",
  });
  expect(bell.arm(() => 0)).toBe(true);
  vi.restoreAllMocks();
  await turn();
  expect(wakes()).toBe(1);
  bell.close();
});
