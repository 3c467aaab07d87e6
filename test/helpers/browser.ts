// A Chromium of this machine, for tests of pages, which are skipped with a reason where there is none.
import fs from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const EXECUTABLE = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((file) => fs.existsSync(file));

export const hasBrowser = EXECUTABLE !== undefined;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
    ],
  });

/** How much is drawn on each canvas: what is not transparent. */
export const inkOf = (page: Page): Promise<number[]> =>
  page.$$eval("canvas", (all) =>
    (all as unknown as Canvas[]).map((canvas) => {
      const { data } = canvas
        .getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height);
      let inked = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) inked++;
      return inked;
    }),
  );

interface Canvas {
  width: number;
  height: number;
  getContext(kind: "2d"): {
    getImageData(
      x: number,
      y: number,
      w: number,
      h: number,
    ): { data: Uint8ClampedArray };
  };
}
