// The live page in a real browser: its figures move while requests run, without an error, without a look at
// the network, in a narrow window and in the dark. Left out where there is no Chromium. With
// EIO_SCREENSHOTS=FOLDER pictures of it are kept, to be looked at.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "node-eio";
import { livePage, type LivePageHandler } from "../src/live-page.ts";
import {
  hasBrowser,
  inkOf,
  launchBrowser,
} from "../../../test/helpers/browser.ts";
import { Gate, testFolder } from "../../../test/helpers/files.ts";
import { todays } from "../../../test/helpers/part.ts";
import { until } from "../../../test/helpers/until.ts";

/** One in so many requests is timed where nobody watches. */
const SAMPLE_EVERY = 64;

// A processor that is busy elsewhere gives samples in which nothing was settled: these wait for one that moved.
const FAILURES_SHOWN =
  '!document.querySelector(".plot").getAttribute("aria-label").includes(", 0 failed")';
const SETTLED_SHOWN =
  '!document.querySelector(\'.tile[data-name="Settled"] dd\').innerText.startsWith("0")';

const folder = testFolder();
const shots = process.env["EIO_SCREENSHOTS"];
const windows = [
  { width: 1280 },
  { width: 360, dark: true },
  { width: 1280, dark: true },
  { width: 360 },
];

describe.skipIf(!hasBrowser)(
  "the live page in Chromium (left out where it is not installed)",
  () => {
    let browser: Browser;
    let eio: Eio;
    let live: LivePageHandler;
    let server: http.Server;
    let url: string;
    let working = true;
    let work: Promise<void>;

    async function workOn(path: string): Promise<void> {
      const { promises } = eio;
      for (let i = 0; working; i++) {
        await Promise.all([
          promises.readFile(path),
          promises.stat(path),
          promises.stat(folder.join("missing")).catch(() => {}),
          i % 8 === 0 ? promises.readdir(folder.path) : eio.nop(),
        ]);
        // The rest of the processor is for what draws them.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    beforeAll(async () => {
      eio = createEio({ stuckAfterMs: 100 });
      live = livePage(eio, { intervalMs: 100 });
      server = http.createServer((request, response) => {
        if (!live(request, response)) response.writeHead(404).end();
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      url = `http://127.0.0.1:${port}/_eio`;
      const path = folder.join("file");
      await eio.promises.writeFile(path, "x".repeat(5000));
      work = workOn(path);
      browser = await launchBrowser();
    });
    afterAll(async () => {
      working = false;
      await work;
      await browser.close();
      live.close();
      server.close();
      await eio.close();
    });
    afterEach(async () => {
      for (const page of browser.contexts().flatMap((one) => one.pages()))
        await page.close();
    });

    async function open(how: {
      width: number;
      dark?: boolean;
      samples?: number;
    }): Promise<{ page: Page; wrong: string[] }> {
      const page = await browser.newPage({
        viewport: { width: how.width, height: 900 },
        colorScheme: how.dark ? "dark" : "light",
      });
      const wrong: string[] = [];
      page.on("pageerror", ({ message }) => wrong.push(message));
      page.on("console", (message) => wrong.push(message.text()));
      page.on("request", (request) => {
        if (![url, `${url}/events`].includes(request.url()))
          wrong.push(request.url());
      });
      await page.goto(url);
      await seen(page, how.samples ?? 5);
      return { page, wrong };
    }
    /** The page looks for itself, now and then. Its policy forbids what waitForFunction needs. */
    const holds = (page: Page, expression: string): Promise<void> =>
      page.evaluate(
        `new Promise((resolve) => {
          const look = () => ${expression} ? resolve() : setTimeout(look, 20);
          look();
        })`,
      );
    const seen = (page: Page, samples: number): Promise<void> =>
      holds(
        page,
        `Number(document.documentElement.dataset.samples) >= ${samples}`,
      );
    const tile = (page: Page, name: string): Promise<string> =>
      page.locator(`.tile[data-name="${name}"] dd`).innerText();

    it.each(todays(windows, shots ? 1 : 2))(
      "is drawn in a window of %j, and fits",
      async (how) => {
        const { page, wrong } = await open({ ...how, samples: shots ? 40 : 5 });
        const ink = await inkOf(page);
        expect(ink).toHaveLength(6);
        for (const drawn of ink) expect(drawn).toBeGreaterThan(1000);
        expect(
          await page.evaluate(
            "document.documentElement.scrollWidth - window.innerWidth",
          ),
        ).toBeLessThanOrEqual(0);
        const colours = (await page.evaluate(
          "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]",
        )) as string[];
        const [text, back] = colours.map((colour) =>
          Math.max(...[...colour.matchAll(/\d+/g)].slice(0, 3).map(Number)),
        );
        expect(text! > back!).toBe(how.dark === true);
        if (shots !== undefined)
          await page.screenshot({
            path: `${shots}/${how.width}${how.dark ? "-dark" : ""}.png`,
            fullPage: true,
          });
        expect(wrong).toEqual([]);
      },
    );

    it("shows figures that move", async () => {
      const { page, wrong } = await open({ width: 1000 });
      expect(await page.getByRole("status").innerText()).toBe("live");
      expect(await tile(page, "Settled")).toMatch(/^[\d.]+k?M? ?\/s$/);
      await holds(page, SETTLED_SHOWN);
      const total = async (): Promise<number> => {
        const row = page.locator("tr", {
          has: page.locator('td:text-is("stat")'),
        });
        const text = await row.locator("td").nth(3).innerText();
        return Number(text.replaceAll(",", ""));
      };
      const before = await total();
      expect(before).toBeGreaterThan(0);
      await holds(
        page,
        `[...document.querySelectorAll("tr")].some((row) => row.cells[0].textContent === "stat" && Number(row.cells[3].textContent.replaceAll(",", "")) > ${before})`,
      );
      const text = await page.innerText("body");
      expect(text).toContain(`backend ${eio.backend}`);
      for (const [name, probe] of Object.entries(eio.backends)) {
        expect(text).toContain(name);
        if (!probe.available) expect(text).toContain(probe.reason);
      }
      expect(wrong).toEqual([]);
    });

    it("is of the operation that is chosen, and stands still when paused", async () => {
      const { page, wrong } = await open({ width: 1000 });
      const label = (): Promise<string | null> =>
        page.locator(".plot").first().getAttribute("aria-label");
      await page.selectOption("select", "slurp");
      expect(await label()).toMatch(/, 0 failed/);
      await page.selectOption("select", "stat");
      await holds(page, FAILURES_SHOWN);
      await page.getByRole("button", { name: "Pause" }).click();
      const stood = await page.innerText("dl");
      await page.selectOption("select", "stat");
      const samples = Number(await page.getAttribute("html", "data-samples"));
      await seen(page, samples + 3);
      expect(await page.innerText("dl")).toBe(stood);
      await page.getByRole("button", { name: "Go on" }).click();
      await holds(
        page,
        `document.querySelector("dl").innerText !== ${JSON.stringify(stood)}`,
      );
      expect(wrong).toEqual([]);
    });

    it("shows what is stuck, for as long as it is", async () => {
      const { page, wrong } = await open({ width: shots ? 1280 : 360 });
      const section = page.locator("section.stuck");
      expect(await section.isVisible()).toBe(false);
      const gate = new Gate(folder, "gate <b>");
      const held = eio.promises.readFile(gate.path);
      await section.waitFor({ state: "visible" });
      expect(await section.innerText()).toContain(gate.path);
      expect(await tile(page, "Stuck")).toBe("1");
      if (shots !== undefined)
        await page.screenshot({ path: `${shots}/stuck.png` });
      expect(gate.tryRelease()).toBe(true);
      await held;
      await section.waitFor({ state: "hidden" });
      expect(await tile(page, "Stuck")).toBe("0");
      expect(wrong).toEqual([]);
    });

    it("says that the server has gone, and comes back with it", async () => {
      const { page } = await open({ width: 1000 });
      live.close();
      await page.waitForSelector('[data-state="lost"]');
      await page.waitForSelector('[data-state="live"]');
      expect(live.watchers).toBe(1);
    });

    it("lets go of the instance when nobody watches", async () => {
      const { page } = await open({ width: 1000 });
      expect(eio.stats().sampledEvery).toBe(1);
      await page.close();
      await until(() => live.watchers === 0);
      expect(eio.stats().sampledEvery).toBe(SAMPLE_EVERY);
    });
  },
);
