// A job of this kind names a file; its result is the file's checksum.
import { createHash } from "node:crypto";
import { eio } from "node-eio";

export default async function checksum({ path }) {
  const data = await eio.promises.readFile(path);
  return createHash("sha256").update(data).digest("hex");
}
