// The bench's report in a real browser: drawn without a network, in a narrow window, in the dark, and
// whatever is chosen in it. Left out where there is no Chromium.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlOf } from "../src/output/html.ts";
import type { Report } from "../src/report.ts";
import { machineFacts } from "../src/machine.ts";
import { verdictOf } from "../src/verdict.ts";
import {
  hasBrowser,
  inkOf,
  launchBrowser,
} from "../../../test/helpers/browser.ts";
import { testFolder } from "../../../test/helpers/files.ts";
import { todays } from "../../../test/helpers/part.ts";
import { outcome, subjects } from "./rows.ts";

const folder = testFolder();
const windows = [
  { width: 1280 },
  { width: 360, dark: true },
  { width: 1280, dark: true },
  { width: 360 },
];
const { pool, uring, promises, fio } = subjects;

function report(): Report {
  const rates = (scale: number): Parameters<typeof outcome>[0] => [
    [pool, [200 * scale, 210 * scale, 190 * scale]],
    [uring, [400 * scale, 390 * scale, 410 * scale]],
    [promises, [100 * scale, 95 * scale, 105 * scale]],
    [fio, [500 * scale, 505 * scale, 510 * scale]],
  ];
  const outcomes = [1, 8, 64].map((depth) => ({
    ...outcome(rates(depth * 100), { depth }),
    title: `randread 4k at depth ${depth}`,
  }));
  // What a result says must not become part of the page.
  const odd = {
    ...outcome(rates(7), { depth: 4, work: "stat" }, [
      [subjects.idle, "</script><b>no</b>"],
    ]),
    title: "stat at depth 4",
  };
  const all = [...outcomes, odd];
  return {
    tool: "node-eio bench",
    format: 1,
    command: "node-eio bench --rw randread,stat",
    machine: machineFacts(folder.path),
    rounds: 3,
    outcomes: all,
    verdicts: all.map(verdictOf),
    answer: null,
    notes: ["A note."],
    profile: null,
  };
}

describe.skipIf(!hasBrowser)(
  "the report in Chromium (left out where it is not installed)",
  () => {
    let browser: Browser;
    const file = folder.join("report.html");

    beforeAll(async () => {
      fs.writeFileSync(file, htmlOf(report()));
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());

    async function open(how: {
      width: number;
      dark?: boolean;
    }): Promise<{ page: Page; wrong: string[] }> {
      const page = await browser.newPage({
        viewport: { width: how.width, height: 900 },
        colorScheme: how.dark ? "dark" : "light",
      });
      const wrong: string[] = [];
      page.on("pageerror", ({ message }) => wrong.push(message));
      page.on("console", (message) => wrong.push(message.text()));
      page.on("request", (request) => {
        if (!request.url().startsWith("file:")) wrong.push(request.url());
      });
      await page.context().setOffline(true);
      await page.goto(pathToFileURL(path.resolve(file)).href);
      await page.waitForSelector("html[data-ready]");
      return { page, wrong };
    }

    it.each(todays(windows, 2))(
      "is drawn in a window of %j, without a network, and fits",
      async (how) => {
        const { page, wrong } = await open(how);
        expect(wrong).toEqual([]);
        const ink = await inkOf(page);
        expect(ink).toHaveLength(2);
        for (const drawn of ink) expect(drawn).toBeGreaterThan(1000);
        const overhang = await page.evaluate(
          "document.documentElement.scrollWidth - window.innerWidth",
        );
        expect(overhang).toBe(0);
        const [text, back] = (await page.evaluate(
          "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]",
        )) as string[];
        const brightness = (colour: string): number =>
          Math.max(...[...colour.matchAll(/\d+/g)].slice(0, 3).map(Number));
        expect(brightness(text!) > brightness(back!)).toBe(how.dark === true);
        await page.close();
      },
    );

    it("shows verdicts, tables and failures, as text", async () => {
      const { page, wrong } = await open({ width: 1000 });
      const text = await page.innerText("body");
      expect(text).toContain(
        "randread 4k at depth 64: Use uring: 2.0 times (1.9 to 2.2) as fast as pool",
      );
      expect(text).toContain("</script><b>no</b>");
      expect(text).toContain("A note.");
      expect(await page.locator("table").count()).toBe(4);
      expect(
        await page.locator("table").first().locator("tbody tr").count(),
      ).toBe(4);
      expect(wrong).toEqual([]);
      await page.close();
    });

    it("has above each chart a sentence that says what it shows, and axes with a title", async () => {
      const { page } = await open({ width: 1000 });
      const cards = await page.$$eval("figure", (all) =>
        (all as unknown as Figure[]).map(({ children }) =>
          [...children].slice(0, 2).map(({ tagName }) => tagName),
        ),
      );
      expect(cards).toHaveLength(5);
      for (const tags of cards) expect(tags).toEqual(["H3", "FIGCAPTION"]);
      const says = await page.locator("figcaption").allInnerTexts();
      for (const text of says) expect(text).toMatch(/better/);
      await page.close();
    });

    it("can be worked with a keyboard alone", async () => {
      const { page } = await open({ width: 390 });
      const reached = new Set<string>();
      for (let i = 0; i < 12; i++) {
        await page.keyboard.press("Tab");
        reached.add(
          (await page.evaluate(
            "document.activeElement.tagName + document.activeElement.className",
          )) as string,
        );
      }
      expect([...reached]).toEqual(
        expect.arrayContaining(["SELECT", "INPUT", "DIVscroll"]),
      );
      await page.close();
    });

    it("changes with what is chosen", async () => {
      const { page, wrong } = await open({ width: 1000 });
      const captions = (): Promise<string[]> =>
        page.locator("figcaption").allInnerTexts();
      expect((await captions())[0]).toContain("randread 4k, 64 in flight.");
      await page.selectOption("select >> nth=1", "8");
      expect((await captions())[0]).toContain("randread 4k, 8 in flight.");
      const before = await page.locator("canvas").first().screenshot();
      await page.check("input[type=checkbox]");
      expect(
        (await page.locator("canvas").first().screenshot()).equals(before),
      ).toBe(false);
      await page.selectOption("select >> nth=0", "stat");
      expect((await captions())[0]).toContain("stat, 4 in flight.");
      await page.emulateMedia({ colorScheme: "dark" });
      await page.setViewportSize({ width: 400, height: 800 });
      // One depth and one size: there is nothing to draw them against.
      expect(await page.locator("canvas").count()).toBe(1);
      expect(wrong).toEqual([]);
      await page.close();
    });
  },
);

interface Figure {
  children: Iterable<{ tagName: string }>;
}
