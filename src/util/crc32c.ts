// CRC-32C (Castagnoli) in JavaScript: the twin of native-aio/src/crc32c.c. It does not know what is checked.

const POLYNOMIAL = 0x82f63b78;
const BITS = 8;
const TABLE = 256;

let table: Int32Array | undefined;

function makeTable(): Int32Array {
  return Int32Array.from({ length: TABLE }, (_, i) => {
    let value = i;
    for (let bit = 0; bit < BITS; bit++)
      value = (value >>> 1) ^ ((value & 1) !== 0 ? POLYNOMIAL : 0);
    return value;
  });
}

/** Goes on from the CRC of what came before; 0 at the start. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  table ??= makeTable();
  let value = ~crc;
  for (let i = 0; i < bytes.length; i++)
    value = (value >>> BITS) ^ table[(value ^ bytes[i]!) & (TABLE - 1)]!;
  return ~value >>> 0;
}
