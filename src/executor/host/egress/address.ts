/** IP addresses and CIDRs as bytes. */
import { isIP } from "node:net";

export interface Cidr {
  bytes: Uint8Array;
  bits: number;
}

function parseV4(text: string): Uint8Array {
  return Uint8Array.from(text.split("."), Number);
}

function parseV6(text: string): Uint8Array {
  let groups = text.split("%")[0] ?? "";
  const dotted = groups.lastIndexOf(":");
  if (groups.includes(".")) {
    const [a = 0, b = 0, c = 0, d = 0] = parseV4(groups.slice(dotted + 1));
    const tail = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(":");
    groups = `${groups.slice(0, dotted + 1)}${tail}`;
  }
  const [head = "", tail] = groups.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  const bytes = new Uint8Array(16);
  all.forEach((group, index) => {
    const value = Number.parseInt(group, 16);
    bytes[index * 2] = value >> 8;
    bytes[index * 2 + 1] = value & 0xff;
  });
  return bytes;
}

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.length === 16 &&
  bytes.subarray(0, 10).every((byte) => byte === 0) &&
  bytes[10] === 0xff &&
  bytes[11] === 0xff;

/** 4 or 16 bytes; an IPv4-mapped IPv6 address becomes the IPv4 one. Undefined for anything else. */
export function parseAddress(text: string): Uint8Array | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return parseV4(bare);
  const bytes = parseV6(bare);
  return isMapped(bytes) ? bytes.slice(12) : bytes;
}

export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16));
  }
  return groups.join(":");
}

/** An address or a CIDR; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", length] = text.split("/");
  const bytes = parseAddress(address);
  if (bytes === undefined) return undefined;
  const full = bytes.length * 8;
  if (length === undefined) return { bytes, bits: full };
  // `::ffff:10.0.0.0/104` became four bytes above.
  const bits = Number(length) - (bytes.length === 4 && address.includes(":") ? 96 : 0);
  if (!/^\d{1,3}$/.test(length) || bits < 0 || bits > full) return undefined;
  return { bytes, bits };
}

export function contains(cidr: Cidr, bytes: Uint8Array): boolean {
  if (cidr.bytes.length !== bytes.length) return false;
  const whole = cidr.bits >> 3;
  for (let i = 0; i < whole; i++) if (cidr.bytes[i] !== bytes[i]) return false;
  const rest = cidr.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((cidr.bytes[whole] ?? 0) & mask) === ((bytes[whole] ?? 0) & mask);
}
