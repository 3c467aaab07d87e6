// The upload server of the examples: clients that leave in the middle, a server that is killed, and a disk whose power goes. What was
// acknowledged is there, and what arrives in the end is what was sent.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import {
  PROGRAMS_MAX_MS,
  createEio,
  eventually,
  simulatedDisk,
  startProgram,
  type Program,
} from "../helpers/program.ts";

const folder = testFolder();
let folders = 0;

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
}

/** A client of one upload, which may lose its connection wherever it likes. */
class Client {
  #program: Program;
  readonly #folder: string;
  readonly #args: string[];
  readonly source: Buffer;
  location = "";

  static async start(bytes: number, ...options: string[]): Promise<Client> {
    const at = folder.join(`uploads-${folders++}`);
    const args = [at, "--port", "0", ...options];
    const program = await startProgram("examples/upload-server/main.mjs", args);
    const client = new Client(program, at, args, bytes);
    // Where the deadline is short the first one may come too late.
    await eventually(async () => {
      const reply = await client
        .request("POST", "/files", {
          "upload-length": bytes,
          "upload-metadata": "filename d29ybGQ=",
        })
        .catch(() => null);
      client.location = String(reply?.headers.location);
      return reply?.status === 201;
    });
    return client;
  }

  private constructor(
    program: Program,
    at: string,
    args: string[],
    bytes: number,
  ) {
    this.#program = program;
    this.#folder = at;
    this.#args = args;
    this.source = randomBytes(bytes);
  }

  async request(
    method: string,
    name: string,
    headers: http.OutgoingHttpHeaders,
    body?: Buffer,
  ): Promise<Reply> {
    const request = http.request(`${this.#program.url}${name}`, {
      method,
      headers,
    });
    request.end(body);
    const [response] = (await once(request, "response")) as [
      http.IncomingMessage,
    ];
    response.resume();
    await once(response, "end");
    return { status: response.statusCode!, headers: response.headers };
  }

  async offset(): Promise<number> {
    const { status, headers } = await this.request("HEAD", this.location, {});
    expect(status).toBe(200);
    expect(headers["upload-length"]).toBe(String(this.source.length));
    expect(headers["upload-metadata"]).toBe("filename d29ybGQ=");
    return Number(headers["upload-offset"]);
  }

  patch(
    from: number,
    to: number,
    change: http.OutgoingHttpHeaders = {},
  ): Promise<Reply> {
    const headers = { ...headersAt(from), ...change };
    return this.request(
      "PATCH",
      this.location,
      headers,
      this.source.subarray(from, to),
    );
  }

  /** Announces all of the rest, and sends a part. The connection stays until `cut()`, or until the server ends it. */
  async sendPart(
    from: number,
    to: number,
  ): Promise<{ cut(): void; closed: Promise<unknown> }> {
    const request = http.request(`${this.#program.url}${this.location}`, {
      method: "PATCH",
      headers: {
        ...headersAt(from),
        "content-length": this.source.length - from,
      },
    });
    request.on("error", () => {});
    const closed = new Promise((resolve) => request.once("close", resolve));
    request.write(this.source.subarray(from, to));
    await eventually(() => fs.statSync(this.file).size >= to);
    return { cut: () => request.destroy(), closed };
  }

  get file(): string {
    return path.join(this.#folder, `${path.basename(this.location)}.data`);
  }

  async kill(): Promise<void> {
    expect(await this.#program.end("SIGKILL")).toBe("SIGKILL");
    this.#program = await startProgram(
      "examples/upload-server/main.mjs",
      this.#args,
    );
  }

  end(): Promise<number | string> {
    return this.#program.end("SIGTERM");
  }

  check(bytes = this.source.length): void {
    const found = fs.readFileSync(this.file).subarray(0, bytes);
    expect(found.equals(this.source.subarray(0, bytes))).toBe(true);
  }
}

const headersAt = (offset: number): http.OutgoingHttpHeaders => ({
  "content-type": "application/offset+octet-stream",
  "upload-offset": offset,
});

describe("the upload server", { timeout: PROGRAMS_MAX_MS }, () => {
  it("has what was sent after an upload that was interrupted several times, and nothing twice", async () => {
    const client = await Client.start(3_000_000);
    let offset = 0;
    for (const to of [1, 70_000, 1_000_000, 2_345_678]) {
      const { cut, closed } = await client.sendPart(offset, to);
      cut();
      await closed;
      offset = await client.offset();
      expect(offset).toBe(to);
    }
    const { status, headers } = await client.patch(offset, 3_000_000);
    expect([status, headers["upload-offset"]]).toEqual([204, "3000000"]);
    expect(await client.offset()).toBe(3_000_000);
    client.check();
    expect(fs.statSync(client.file).size).toBe(3_000_000);
    expect(await client.end()).toBe(0);
  });

  it("refuses a wrong offset, more than was announced, and what is no upload, and changes nothing", async () => {
    const client = await Client.start(1000, "--max-bytes", "1000");
    expect((await client.patch(0, 500)).status).toBe(204);
    expect((await client.patch(0, 500)).status).toBe(409);
    expect((await client.patch(501, 600)).status).toBe(409);
    expect(
      (await client.patch(500, 1000, { "content-type": "text/plain" })).status,
    ).toBe(415);
    expect(
      (await client.patch(500, 1000, { "upload-offset": "5e2" })).status,
    ).toBe(400);
    const tooMuch = await client.request(
      "PATCH",
      client.location,
      headersAt(500),
      Buffer.alloc(501),
    );
    expect(tooMuch.status).toBe(413);
    expect(await client.offset()).toBe(500);
    expect((await client.patch(500, 1000)).status).toBe(204);
    client.check();

    const wrong = async (
      method: string,
      name: string,
      headers = {},
    ): Promise<number> => (await client.request(method, name, headers)).status;
    expect(await wrong("POST", "/files", { "upload-length": 1001 })).toBe(413);
    expect(await wrong("POST", "/files")).toBe(400);
    expect(await wrong("HEAD", `/files/${"0".repeat(36)}`)).toBe(404);
    expect(await wrong("HEAD", "/files/../../../etc/passwd")).toBe(404);
    expect(await wrong("POST", client.location)).toBe(404);
    expect(await wrong("GET", "/")).toBe(404);
  });

  it("has what it acknowledged after it was killed, and goes on from there", async () => {
    const client = await Client.start(2_000_000);
    let offset = 0;
    while (offset < 1_500_000) {
      expect((await client.patch(offset, offset + 200_000)).status).toBe(204);
      const acknowledged = offset + 200_000;
      // In the middle of the next one.
      await client.sendPart(acknowledged, acknowledged + 100_000);
      await client.kill();
      offset = await client.offset();
      expect(offset).toBeGreaterThanOrEqual(acknowledged);
      expect(offset).toBeLessThanOrEqual(acknowledged + 100_000);
      client.check(offset);
    }
    expect((await client.patch(offset, 2_000_000)).status).toBe(204);
    client.check();
  });

  it("cuts a request that stands still when another one comes for the same upload", async () => {
    const client = await Client.start(1000);
    const { closed } = await client.sendPart(0, 300);
    expect(await client.offset()).toBe(300);
    await closed;
    const second = await client.sendPart(300, 400);
    expect((await client.patch(400, 1000)).status).toBe(204);
    await second.closed;
    client.check();
  });

  it("ends a request at its deadline and keeps what came", async () => {
    const client = await Client.start(1000, "--deadline-ms", "3000");
    const { closed } = await client.sendPart(0, 300);
    await closed;
    let offset = 0;
    await eventually(async () => {
      offset = await client.offset().catch(() => 0);
      return offset !== 0;
    });
    expect(offset).toBe(300);
    client.check(300);
  });
});

interface Store {
  create(length: number, about: string | null): Promise<string>;
  find(id: string): Promise<{ offset: number }>;
  append(id: string, offset: number, body: Readable): Promise<unknown>;
}
type StoreClass = new (
  eio: unknown,
  folder: string,
  checkpointBytes: number,
) => Store;

describe("the upload server's files", () => {
  it.each(["posix", "ext4"] as const)(
    "have what was acknowledged after a loss of power at any time (%s)",
    async (profile) => {
      const file = path.resolve("examples/upload-server/uploads.mjs");
      const { Uploads } = (await import(pathToFileURL(file).href)) as {
        Uploads: StoreClass;
      };
      const disk = simulatedDisk({ profile });
      const eio = createEio({ backend: disk });
      const source = randomBytes(24_000);
      const uploads = new Uploads(eio, "/tmp", 3000);
      const id = await uploads.create(source.length, null);
      /** From which change of the disk on how much is promised. */
      const acknowledged = [{ position: disk.position, offset: 0 }];
      for (let offset = 0; offset < source.length; offset += 8000) {
        const pieces = [0, 1000, 4500, 7999].map((from, i, all) =>
          source.subarray(offset + from, offset + (all[i + 1] ?? 8000)),
        );
        await uploads.append(id, offset, Readable.from(pieces));
        acknowledged.push({ position: disk.position, offset: offset + 8000 });
      }
      await eio.close();

      const begun = acknowledged[0]!.position;
      let beyond = 0;
      for (let at = begun; at <= disk.position; at++)
        for (let seed = 0; seed < 3; seed++) {
          const left = createEio({ backend: disk.crash({ seed, at }) });
          const { offset } = await new Uploads(left, "/tmp", 3000).find(id);
          const promised = acknowledged.findLast(
            ({ position }) => position <= at,
          )!;
          expect(offset).toBeGreaterThanOrEqual(promised.offset);
          if (offset > promised.offset) beyond++;
          const found = await left.promises.readFile(`/tmp/${id}.data`);
          expect(
            found.subarray(0, offset).equals(source.subarray(0, offset)),
          ).toBe(true);
          await left.close();
        }
      // Those that go at a checkpoint in the middle of a request.
      expect(beyond).toBeGreaterThan(0);
    },
    PROGRAMS_MAX_MS,
  );
});
