// The door for Prometheus with the real prom-client: what a scrape says, in several registries, with labels,
// and after it was taken away.
import client from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "node-eio";
import { collect } from "../src/prometheus.ts";

/** One in so many requests is timed where nobody watches. */
const SAMPLE_EVERY = 64;

let eio: Eio;
let register: client.Registry;
beforeEach(() => {
  eio = createEio({ backend: "pool", maxParallel: 2 });
  register = new client.Registry();
});
afterEach(() => eio.close());

/** The value of a line of the text. */
function valueOf(text: string, line: string): number {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? NaN);
}

describe("a scrape", () => {
  it("exports counts, gauges and times", async () => {
    collect(eio, { client, register, timeAll: true });
    await Promise.all([eio.nop(), eio.nop(), eio.promises.stat(".")]);
    await eio.promises.stat("missing").catch(() => {});
    const signal = AbortSignal.abort();
    await eio.promises.readFile("package.json", { signal }).catch(() => {});
    const aborting = new AbortController();
    const cancelled = eio.promises.lstat(".", { signal: aborting.signal });
    aborting.abort();
    await cancelled.catch(() => {});

    const text = await register.metrics();
    const total = (what: string, op: string): number =>
      valueOf(text, `node_eio_requests_${what}_total{op="${op}"}`);
    expect(total("submitted", "nop")).toBe(2);
    expect(total("settled", "nop")).toBe(2);
    expect(total("failed", "nop")).toBe(0);
    expect(total("settled", "stat")).toBe(2);
    expect(total("failed", "stat")).toBe(1);
    expect(total("cancelled", "lstat")).toBe(1);
    const timed = (what: string): number =>
      valueOf(text, `node_eio_${what}_seconds_count{op="stat",backend="pool"}`);
    expect([timed("wait"), timed("run")]).toEqual([2, 2]);
    expect(
      valueOf(
        text,
        'node_eio_run_seconds_bucket{le="+Inf",op="nop",backend="pool"}',
      ),
    ).toBe(2);
    expect(valueOf(text, "node_eio_requests_open")).toBe(0);
    expect(valueOf(text, "node_eio_requests_stuck")).toBe(0);
    expect(valueOf(text, "node_eio_slots")).toBe(eio.stats().slots.size);
    expect(valueOf(text, "node_eio_workers")).toBe(eio.nthreads);
    expect(valueOf(text, 'node_eio_backend_info{backend="pool"}')).toBe(1);
    expect(valueOf(text, 'node_eio_lane_waiting{lane="default"}')).toBe(0);
    expect(text).toContain("# TYPE node_eio_requests_settled_total counter");
    expect(text).toContain("# TYPE node_eio_run_seconds histogram");
  });

  it("keeps its counts between scrapes, and adds what came since", async () => {
    collect(eio, { client, register });
    const settled = async (): Promise<number> =>
      valueOf(
        await register.metrics(),
        'node_eio_requests_settled_total{op="nop"}',
      );
    await eio.nop();
    expect([await settled(), await settled()]).toEqual([1, 1]);
    await eio.nop();
    expect(await settled()).toBe(2);
  });

  it("times one of many by default", async () => {
    collect(eio, { client, register });
    expect(eio.stats().sampledEvery).toBe(SAMPLE_EVERY);
    for (let i = 0; i < 4 * SAMPLE_EVERY; i++) await eio.nop();
    const text = await register.metrics();
    const line = 'node_eio_wait_seconds_count{op="nop",backend="pool"}';
    expect(valueOf(text, line)).toBe(4);
    expect(valueOf(text, "node_eio_sampled_every")).toBe(SAMPLE_EVERY);
  });
});

it("takes prefixes and labels, for several instances in one registry", async () => {
  const other = createEio({ backend: "pool", maxParallel: 1 });
  collect(eio, { client, register, prefix: "app_", labels: { of: "app" } });
  collect(other, { client, register, prefix: "bulk_", labels: { of: "bulk" } });
  await other.nop();
  const text = await register.metrics();
  const line = (name: string): number =>
    valueOf(text, `${name}_requests_settled_total{of="${name}",op="nop"}`);
  expect(line("bulk")).toBe(1);
  expect(line("app")).toBeNaN();
  expect(valueOf(text, 'bulk_requests_open{of="bulk"}')).toBe(0);
  await other.close();
});

it("uses the prom-client that is installed, and its own registry", async () => {
  const remove = collect(eio);
  await eio.nop();
  expect(await client.register.metrics()).toContain("node_eio_slots_used");
  remove();
  expect(await client.register.metrics()).not.toContain("node_eio");
});

it("can be taken away and added again", async () => {
  const remove = collect(eio, { client, register, timeAll: true });
  expect(eio.stats().sampledEvery).toBe(1);
  expect(() => collect(eio, { client, register })).toThrow(/already/);
  remove();
  remove();
  expect(eio.stats().sampledEvery).toBe(SAMPLE_EVERY);
  expect(await register.metrics()).not.toContain("node_eio");
  collect(eio, { client, register });
  expect(await register.metrics()).toContain("node_eio");
});

it.each([
  ["prefix", "1-", /"prefix" must be .*beginning of a metric's name/],
  ["buckets", [2, 1], /"buckets" must be .*in rising order/],
  ["timeAll", "yes", /"timeAll" must be .*true or false/],
  ["prefx", "app_", /no option "prefx"; did you mean "prefix"\?/],
])("refuses %s: %j, and adds nothing", async (name, value, says) => {
  const wrong = (): unknown =>
    collect(eio, { client, register, [name]: value });
  expect(wrong).toThrow(says);
  expect(await register.metrics()).not.toContain("node_eio");
});
