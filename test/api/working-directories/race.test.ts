// A folder and a link to the outside change places while paths lead through them: with `beneath` none
// of them ever leads out, and without it some do (else this test would show nothing). For a number of
// rounds; for so many milliseconds where EIO_ESCAPE_MS says so (npm run test:escape).
import fs from "node:fs";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Eio } from "../../../src/api/create.ts";
import { Instance } from "../../../src/api/instance/instance.ts";
import { testFolder } from "../../helpers/files.ts";
import { times } from "../../helpers/part.ts";

const ROUNDS = times(200, 2);
const endMs = Number(process.env["EIO_ESCAPE_MS"] ?? 0);
const instance = new Instance({ maxParallel: 2 });
const eio = new Eio(() => instance);
const root = testFolder();
const inside = root.join("in");
let swapper: Worker;

const swap = `
  const fs = require("node:fs");
  const { workerData: folder } = require("node:worker_threads");
  for (;;) {
    fs.renameSync(folder + "/way", folder + "/a");
    fs.renameSync(folder + "/b", folder + "/way");
    fs.renameSync(folder + "/way", folder + "/b");
    fs.renameSync(folder + "/a", folder + "/way");
  }`;

beforeAll(() => {
  for (const name of ["in/way", "outside"])
    fs.mkdirSync(root.join(name), { recursive: true });
  fs.writeFileSync(root.join("in/way/file"), "inside");
  fs.writeFileSync(root.join("outside/file"), "outside");
  fs.symlinkSync("../outside", root.join("in/b"));
  swapper = new Worker(swap, { eval: true, workerData: inside });
});

afterAll(async () => {
  await swapper.terminate();
  await eio.close();
});

const LARGE = Buffer.alloc((1 << 20) + 1);

async function* pieces(): AsyncGenerator<string> {
  for (const piece of ["made", "of", "pieces"])
    yield await Promise.resolve(piece);
}

const written = (stream: NodeJS.WritableStream): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.on("error", reject).on("finish", resolve).end("streamed");
  });

const quiet = (error: NodeJS.ErrnoException): string => error.code ?? "";

it("lets paths lead out without beneath", async () => {
  await using wd = await eio.wd(inside);
  let read = "";
  while (read !== "outside")
    read = await wd.promises.readFile("way/file", "utf8").catch(quiet);
});

it("lets no path lead out with beneath", async () => {
  await using wd = await eio.wd(inside, { beneath: true });
  const { promises } = wd;
  const before = fs.readdirSync(root.join("outside"));
  const began = performance.now();
  for (
    let round = 0;
    round < ROUNDS || performance.now() - began < endMs;
    round++
  ) {
    const reads = await Promise.all([
      promises.readFile("way/file", "utf8").catch(quiet),
      promises.stat("way/file").then(({ size }) => size, quiet),
      promises.readdir("way").catch(quiet),
    ]);
    expect(reads[0]).not.toBe("outside");
    expect(reads[1]).not.toBe("outside".length);
    await Promise.all(
      [
        promises.writeFile("way/made", "made"),
        promises.writeFile("way/large", LARGE),
        promises.appendFile("way/appended", LARGE),
        promises.writeFile("way/pieces", ["made", "of", "pieces"]),
        promises.writeFile("way/streamed", pieces()),
        written(wd.fs.createWriteStream("way/stream")),
        promises.mkdir("way/x"),
        promises.rename("way/made", "way/renamed"),
        promises.symlink("file", "way/link"),
        promises.copyFile("way/file", "way/copied"),
        promises.chmod("way/file", 0o600),
        promises.truncate("way/file", 6),
        promises.rm("way/x", { recursive: true }),
        promises.unlink("way/link"),
      ].map((one: Promise<unknown>) => one.catch(quiet)),
    );
  }
  expect(fs.readdirSync(root.join("outside"))).toEqual(before);
  expect(fs.readFileSync(root.join("outside/file"), "utf8")).toBe("outside");
  expect(fs.statSync(root.join("outside/file")).mode & 0o777).not.toBe(0o600);
});
