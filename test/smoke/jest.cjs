// Under plain Jest, as CommonJS: every door can be required, and reads, errors and callbacks are what they are outside of
// it. scripts/support/tools/runners.mjs puts it into a project that has Jest.
/* global expect, jest, test */
const fs = require("node:fs");
const manifest = require("node-eio/package.json");

const optional = [
  "./fastify",
  "./prometheus",
  "./opentelemetry",
  "./package.json",
];
const doors = Object.keys(manifest.exports)
  .filter((entry) => !optional.includes(entry))
  .map((entry) => entry.replace(/^\./, "node-eio"));

test.each(doors)("require(%j)", (door) => {
  // Of a class of the realm that Jest made it in.
  expect(["object", "function"]).toContain(typeof require(door));
});

test("reads a file and its attributes", async () => {
  const promises = require("node-eio/promises");
  const data = await promises.readFile(__filename);
  expect(data).toEqual(fs.readFileSync(__filename));
  expect(await promises.stat(__filename)).toBeInstanceOf(fs.Stats);
});

test("rejects with Node's errors", async () => {
  const { readFile } = require("node-eio/promises");
  const reading = readFile(`${__filename}.missing`);
  await expect(reading).rejects.toMatchObject({ code: "ENOENT" });
});

test("calls back while timers are fake", (done) => {
  jest.useFakeTimers();
  require("node-eio/fs").readFile(__filename, "utf8", (error, text) => {
    jest.useRealTimers();
    expect({ error, text }).toEqual({
      error: null,
      text: fs.readFileSync(__filename, "utf8"),
    });
    done();
  });
});
