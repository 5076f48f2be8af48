/** One line of an egress policy: an address, a CIDR, a host name, or `*.` and one. */
import { isIP } from "node:net";
import { parseHost } from "../../shared/routing/host.ts";

const BITS: Record<number, number> = { 4: 32, 6: 128 };

export function isEgressPattern(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family !== 0) {
    if (rest.length > 0) return false;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (BITS[family] ?? 0));
  }
  return bits === undefined && !text.includes(":") && parseHost(text).ok;
}
