// What runs in a worker: an ordinary module. This one stands for a driver, a parser or a codec that
// blocks the thread that calls it. Arguments and results are copied, as postMessage would.
import { createHash } from "node:crypto";

/** Blocks for as long as it takes to hash the text so many times. */
export default function hash(text, rounds) {
  let digest = Buffer.from(text);
  for (let i = 0; i < rounds; i++)
    digest = createHash("sha256").update(digest).digest();
  return digest.toString("hex");
}

export async function query(statement) {
  if (!statement.startsWith("select"))
    throw Object.assign(new Error("syntax error"), { position: 1 });
  return [{ id: 1, name: "one" }];
}
