// The process that is measured: an HTTP server that reads a small file for each answer, with node:fs or with
// this library, and that is disturbed on command.
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { disturb, type Places, type ScenarioName } from "./scenarios.ts";

export interface Seat {
  subject: "node:fs" | "node-eio";
  scenario: ScenarioName;
  places: Places;
}

const { subject, scenario, places } = JSON.parse(process.argv[2]!) as Seat;

async function promisesOf(): Promise<typeof fs.promises> {
  if (subject === "node:fs") return fs.promises;
  const { createEio } = await import("node-eio");
  return createEio({ isolateMounts: true })
    .promises as unknown as typeof fs.promises;
}

const promises = await promisesOf();
const server = createServer((request, response) => {
  const file =
    places.files[Number(request.url!.slice(1)) % places.files.length]!;
  promises.readFile(file).then(
    (data) => response.end(data),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
server.listen(0, "127.0.0.1", () =>
  process.send!({ port: (server.address() as AddressInfo).port }),
);
process.on("message", () => {
  disturb[scenario](promises, places);
  process.send!({ disturbed: true });
});
// A thread that hangs would hold an orderly exit.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
