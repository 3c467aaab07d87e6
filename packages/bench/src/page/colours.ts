// The colours of subjects.
import { element, styleValue } from "@node-eio/page/elements.ts";

/** The same subject has the same colour wherever it comes. */
const order = [
  "uring",
  "pool",
  "nowait",
  "aio",
  "null",
  "node:fs promises",
  "node:fs callbacks",
  "node:fs sync",
  "fio io_uring",
  "fio libaio",
];

export class Colours {
  readonly #names: string[];

  constructor(names: string[]) {
    this.#names = [...order, ...names.filter((name) => !order.includes(name))];
  }

  variable(name: string): string {
    return `--c${this.#names.indexOf(name) % 10}`;
  }

  /** For a canvas, which knows no variables. */
  value(name: string): string {
    return styleValue(this.variable(name));
  }

  swatch(name: string): HTMLElement {
    const made = element("span", "swatch");
    made.style.background = `var(${this.variable(name)})`;
    return made;
  }
}
