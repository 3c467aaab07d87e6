// HTTP as bytes: requests written as they stand on one connection, all at once, and the responses parsed
// without an HTTP library, so that a byte too many or too few is seen.
import net from "node:net";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export type Address = number | string;

export const connect = (address: Address): net.Socket =>
  typeof address === "string"
    ? net.connect(address)
    : net.connect(address, "127.0.0.1");

/** Everything that the other side sends until it ends the connection. */
export async function drain(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Requests as `GET /path`, each with lines of headers; the last one ends the connection. */
export async function exchange(
  address: Address,
  ...requests: [line: string, headers?: Record<string, string> | undefined][]
): Promise<Answer[]> {
  const socket = connect(address);
  const text = requests.map(([line, headers], i) =>
    [
      `${line} HTTP/1.1`,
      "host: x",
      ...Object.entries(headers ?? {}).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      ...(i === requests.length - 1 ? ["connection: close"] : []),
      "\r\n",
    ].join("\r\n"),
  );
  socket.write(text.join(""));
  const methods = requests.map(([line]) => line.split(" ")[0]!);
  return answersIn(await drain(socket), methods);
}

/** Parses the bytes; any that are left over are an error. */
export function answersIn(bytes: Buffer, methods: string[]): Answer[] {
  const responses: Answer[] = [];
  let rest = bytes;
  for (const method of methods) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1)
      throw new Error(`no head in "${rest.toString("latin1").slice(0, 200)}"`);
    const [line = "", ...lines] = rest.toString("latin1", 0, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((text) => {
        const at = text.indexOf(":");
        return [text.slice(0, at).toLowerCase(), text.slice(at + 1).trim()];
      }),
    );
    const status = Number(line.split(" ")[1]);
    const { body, after } = bodyOf(
      method,
      status,
      headers,
      rest.subarray(end + 4),
    );
    responses.push({ status, headers, body });
    rest = after;
  }
  if (rest.length > 0)
    throw new Error(
      `${rest.length} bytes too many: "${rest.toString("latin1").slice(0, 200)}"`,
    );
  return responses;
}

function bodyOf(
  method: string,
  status: number,
  headers: Record<string, string>,
  rest: Buffer,
): { body: Buffer; after: Buffer } {
  const none = { body: Buffer.alloc(0), after: rest };
  if (method === "HEAD" || status === 304 || status === 204) return none;
  if (headers["transfer-encoding"] === "chunked") return chunkedBody(rest);
  const length = headers["content-length"];
  if (length === undefined) return { body: rest, after: Buffer.alloc(0) };
  const bytes = Number(length);
  if (rest.length < bytes)
    throw new Error(`${rest.length} bytes of ${bytes} came`);
  return { body: rest.subarray(0, bytes), after: rest.subarray(bytes) };
}

function chunkedBody(rest: Buffer): { body: Buffer; after: Buffer } {
  const parts: Buffer[] = [];
  for (;;) {
    const end = rest.indexOf("\r\n");
    const bytes = parseInt(rest.toString("latin1", 0, end), 16);
    const from = end + 2;
    if (
      end === -1 ||
      rest.toString("latin1", from + bytes, from + bytes + 2) !== "\r\n"
    )
      throw new Error("a chunk is not framed rightly");
    parts.push(rest.subarray(from, from + bytes));
    rest = rest.subarray(from + bytes + 2);
    if (bytes === 0) return { body: Buffer.concat(parts), after: rest };
  }
}
