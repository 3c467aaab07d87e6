// eio_cancel in each state of a request: its callback is always called, once, later, with ECANCELED or with what
// became of it.
import { describe, expect, it } from "vitest";
import {
  Latch,
  makeDoor,
  outcome,
  type EioDoor,
  type EioRequest,
} from "../../helpers/eio-door.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const canceled = [-1, "ECANCELED"];
const ok = [0, undefined];
let latches = 0;
const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(resolve));

interface Recorder {
  ends: unknown[];
  record: (req: EioRequest) => void;
}
function recorder(): Recorder {
  const ends: unknown[] = [];
  return { ends, record: (req) => void ends.push(outcome(req)) };
}

describe.each(["auto", "manual"])("%s", (mode) => {
  const make = (): EioDoor => {
    const door = makeDoor({ maxParallel: 1 });
    if (mode === "manual") door.init();
    return door;
  };

  // What is not polled by hand is handed over inside the call.
  it.runIf(mode === "manual")(
    "in the turn of its submission: it does not run",
    async () => {
      const door = make();
      const { ends, record } = recorder();
      const made = folder.join(`made ${mode}`);
      const req = door.mkdir(made, 0o777, 0, record);
      door.cancel(req);
      expect([ends, req.cancelled, req.finished]).toEqual([[], true, false]);
      await door.flush();
      expect(ends).toEqual([canceled]);
      expect(door.nreqs()).toBe(0);
    },
  );

  it("behind one that runs: it never runs", async () => {
    const door = make();
    const latch = new Latch(folder, `latch ${latches++}`);
    const { ends, record } = recorder();
    const runs = door.slurp(latch.path, 0, 0, 0, record);
    await turn();
    const waits = door.nop(0, record);
    while (door.nready() > 1) await turn();
    door.cancel(waits);
    latch.release();
    await door.flush();
    expect(ends).toContainEqual(canceled);
    expect(ends).toContainEqual(ok);
    expect(runs.cancelled).toBe(false);
  });

  it("while it runs: it goes on, and may succeed", async () => {
    const door = make();
    const latch = new Latch(folder, `latch ${latches++}`);
    const { ends, record } = recorder();
    const runs = door.slurp(latch.path, 0, 0, 0, record);
    await turn();
    while (door.nready() > 0) await turn();
    door.cancel(runs);
    door.cancel(runs);
    latch.release();
    await door.flush();
    expect(ends).toHaveLength(1);
    expect([canceled, ok]).toContainEqual(ends[0]);
  });

  it("when it has ended: does nothing", async () => {
    const door = make();
    const { ends, record } = recorder();
    const req = door.nop(0, record);
    await door.flush();
    door.cancel(req);
    await door.flush();
    expect([ends, req.cancelled]).toEqual([[ok], false]);
  });

  it("in its own callback: does nothing", async () => {
    const door = make();
    const { ends, record } = recorder();
    door.nop(0, (req) => {
      record(req);
      door.cancel(req);
    });
    await door.flush();
    expect(ends).toEqual([ok]);
  });

  it("of another in a callback: it is delivered all the same", async () => {
    const door = make();
    const { ends, record } = recorder();
    door.set_max_parallel(0);
    door.nop(4, () => door.cancel(second));
    const second = door.nop(0, record);
    door.set_min_parallel(1);
    await door.flush();
    expect(ends).toHaveLength(1);
  });

  it("while execution is paused: it is delivered without a worker", async () => {
    const door = make();
    door.set_max_parallel(0);
    const { ends, record } = recorder();
    const requests = [0, 1, 2].map(() => door.nop(0, record));
    await turn();
    for (const req of requests) door.cancel(req);
    await door.flush();
    expect(ends).toEqual([canceled, canceled, canceled]);
  });

  it("of one that takes several hops ends it, and closes what it opened", async () => {
    const door = make();
    const file = folder.file("hops", "0123456789");
    const { ends, record } = recorder();
    const req = door.slurp(file, -3, 0, 0, record);
    await turn();
    door.cancel(req);
    await door.flush();
    expect(ends).toEqual([canceled]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it("of a folder that is just opened closes it", async () => {
    const door = make();
    const { ends, record } = recorder();
    const req = door.wd_open(folder.path, 0, record);
    await turn();
    door.cancel(req);
    await door.flush();
    expect(ends).toEqual([canceled]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

it("of one that is done and not yet delivered: its own result is delivered", async () => {
  const door = makeDoor();
  door.init();
  const { ends, record } = recorder();
  const req = door.nop(0, record);
  while (door.npending() === 0) await turn();
  door.cancel(req);
  expect(door.poll()).toBe(0);
  expect([ends, req.cancelled]).toEqual([[ok], true]);
});
