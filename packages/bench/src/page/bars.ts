// Bars for one group: what each subject reaches, from which to which round, or what it costs in two parts.
import { element } from "@node-eio/page/elements.ts";
import type { Colours } from "./colours.ts";

export interface Bar {
  name: string;
  /** One after the other; the second is paler. */
  parts: number[];
  /** From the lowest to the highest round. */
  span?: [min: number, max: number];
  text: string;
}

export function bars(all: Bar[], colours: Colours): HTMLElement {
  const most = Math.max(
    ...all.map(({ parts, span }) => Math.max(sum(parts), span?.[1] ?? 0)),
  );
  const percent = (value: number): string =>
    `${most === 0 ? 0 : (value / most) * 100}%`;
  const cells = all.flatMap(({ name, parts, span, text }) => {
    const track = element("div", "track");
    for (const part of parts) {
      const bar = element("div", "bar");
      bar.style.width = percent(part);
      bar.style.background = `var(${colours.variable(name)})`;
      track.append(bar);
    }
    if (span !== undefined) {
      const whisker = element("div", "whisker");
      whisker.style.left = percent(span[0]);
      whisker.style.width = percent(span[1] - span[0]);
      track.append(whisker);
    }
    return [element("div", "", name), element("div", "value", text), track];
  });
  return element("div", "bars", ...cells);
}

const sum = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0);
