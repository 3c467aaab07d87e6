// The figures at the top: what is so now.
import { element } from "@node-eio/page/elements.ts";
import { rateShort } from "@node-eio/page/units.ts";
import type { Hello, LiveSample } from "../sample.ts";
import { countText, msText } from "./tables.ts";
import { ALL, countOf, type Seen } from "./window.ts";

const MIB = 2 ** 20;

interface Figure {
  text: string;
  beside?: string;
  alarm?: boolean;
}

type Tile = [
  name: string,
  figure: (sample: LiveSample, hello: Hello, seen: Seen) => Figure,
];

const rate = (seen: Seen, what: "settled" | "failed"): number =>
  seen.rates((sample) => countOf(sample, ALL, what)).at(-1) ?? 0;

const tiles: Tile[] = [
  [
    "Settled",
    (_, __, seen) => ({ text: rateShort(rate(seen, "settled")), beside: "/s" }),
  ],
  [
    "Failed",
    (_, __, seen) => ({ text: rateShort(rate(seen, "failed")), beside: "/s" }),
  ],
  ["Open requests", ({ requests }) => ({ text: countText(requests) })],
  ["Not begun", ({ ready }) => ({ text: countText(ready) })],
  [
    "Workers",
    ({ workers }, { workersMax }) => ({
      text: countText(workers),
      beside: `of ${workersMax}`,
    }),
  ],
  [
    "Slots",
    ({ slotsUsed }, { slots }) => ({
      text: countText(slotsUsed),
      beside: `of ${countText(slots)}`,
    }),
  ],
  [
    "Data memory",
    ({ arenaUsedBytes }, { arenaBytes }) => ({
      text: (arenaUsedBytes / MIB).toFixed(1),
      beside: `of ${Math.round(arenaBytes / MIB)} MiB`,
    }),
  ],
  ["Loop delay p99", ({ loop }) => ({ text: msText(loop.p99) })],
  [
    "Process memory",
    ({ rssBytes }) => ({
      text: String(Math.round(rssBytes / MIB)),
      beside: "MiB",
    }),
  ],
  [
    "Stuck",
    ({ stuck }) => ({
      text: countText(stuck.length),
      alarm: stuck.length > 0,
    }),
  ],
  ["Abandoned", ({ abandoned }) => ({ text: countText(abandoned) })],
  ["Watching", ({ watchers }) => ({ text: countText(watchers) })],
];

export class Tiles {
  readonly list = element("dl", "tiles");
  readonly #made: { tile: HTMLElement; value: HTMLElement }[];

  constructor() {
    this.#made = tiles.map(([name]) => {
      const value = element("dd", "", "–");
      const tile = element("div", "tile", element("dt", "", name), value);
      tile.dataset["name"] = name;
      this.list.append(tile);
      return { tile, value };
    });
  }

  fill(hello: Hello, seen: Seen): void {
    const { last } = seen;
    if (last === undefined) return;
    tiles.forEach(([, figure], i) => {
      const { text, beside, alarm = false } = figure(last, hello, seen);
      const { tile, value } = this.#made[i]!;
      value.replaceChildren(
        text,
        ...(beside === undefined ? [] : [element("span", "beside", beside)]),
      );
      tile.dataset["alarm"] = alarm ? "yes" : "no";
    });
  }
}
