/** Points of Ed25519 of which a signature proves nothing: they have order 8 or less. */
import { fromBase64 } from "./parameters.ts";

const POINT_BYTES = 32;

/** The points' y coordinates, little-endian: 0, 1, two of order 8, p - 1, and 0 and 1 written as p and p + 1. */
const SMALL = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

function isSmall(point: Uint8Array): boolean {
  const y = Buffer.from(point);
  // The last bit is the sign of x.
  y[POINT_BYTES - 1] = (y[POINT_BYTES - 1] ?? 0) & 0x7f;
  return SMALL.has(y.toString("hex"));
}

/** True when the public key (SPKI, in Base64) or the signature's R is such a point: verifying then gives false. */
export const hasSmallOrder = (material: string, signature: Uint8Array): boolean =>
  isSmall(signature.subarray(0, POINT_BYTES)) ||
  isSmall(fromBase64(material).subarray(-POINT_BYTES));
