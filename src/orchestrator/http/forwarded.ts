/** Forwarding headers, believed only when a configured proxy sent them. */
import type { HeaderReader } from "../../shared/http.ts";
import { BlockList, isIP } from "node:net";

export interface Forwarded {
  /** Address of the client that the nearest trusted proxy saw. */
  address: string | null;
  proto: "http" | "https" | null;
  host: string | null;
}

export class ProxyTrust {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /** @throws TypeError for an entry that is no address and no CIDR. */
  constructor(entries: readonly string[]) {
    this.isEmpty = entries.length === 0;
    for (const entry of entries) this.#add(entry);
  }

  #add(entry: string): void {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    const bitsMax = family === 6 ? 128 : 32;
    const isBadPrefix =
      bits !== undefined && !(Number.isInteger(bits) && bits >= 0 && bits <= bitsMax);
    if (family === 0 || isBadPrefix) {
      throw new TypeError(`Cannot trust proxy "${entry}": give an IP address or a CIDR`);
    }
    const type = family === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) this.#list.addAddress(address, type);
    else this.#list.addSubnet(address, bits, type);
  }

  trusts(address: string): boolean {
    if (this.isEmpty) return false;
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}

/**
 * Reads `X-Forwarded-*`, or `Forwarded` where there is none of them: proxies that write the former pass the
 * latter on as a client wrote it. From the right: what stands further left, a client may have written.
 */
export function readForwarded(headers: HeaderReader, trust: ProxyTrust): Forwarded {
  const [addresses, proto, host] = [
    headers.get("x-forwarded-for"),
    headers.get("x-forwarded-proto"),
    headers.get("x-forwarded-host"),
  ];
  const standard = headers.get("forwarded");
  if (standard !== null && addresses === null && proto === null && host === null)
    return readStandard(standard, trust);
  return {
    address: nearestUntrusted((addresses ?? "").split(","), trust),
    proto: protoOf(lastOf(proto)),
    host: lastOf(host) || null,
  };
}

function readStandard(value: string, trust: ProxyTrust): Forwarded {
  const hops = value.split(",").map((hop) => new Map(hop.split(";").flatMap(readPair)));
  const last = hops.at(-1);
  return {
    address: nearestUntrusted(
      hops.map((hop) => hop.get("for") ?? ""),
      trust,
    ),
    proto: protoOf(last?.get("proto")),
    host: last?.get("host") || null,
  };
}

function readPair(pair: string): [string, string][] {
  const equals = pair.indexOf("=");
  if (equals === -1) return [];
  const value = pair
    .slice(equals + 1)
    .trim()
    .replace(/^"(.*)"$/, "$1");
  return [[pair.slice(0, equals).trim().toLowerCase(), value]];
}

function nearestUntrusted(addresses: readonly string[], trust: ProxyTrust): string | null {
  let nearest: string | null = null;
  for (const entry of addresses.toReversed()) {
    const address = bareAddress(entry.trim());
    if (isIP(address) === 0) return nearest;
    nearest = address;
    if (!trust.trusts(address)) return nearest;
  }
  return nearest;
}

/** `[::1]:80` and `1.2.3.4:80` without port and brackets. */
function bareAddress(entry: string): string {
  if (entry.startsWith("[")) return entry.slice(1, Math.max(1, entry.indexOf("]")));
  return entry.indexOf(":") === entry.lastIndexOf(":") ? entry.replace(/:\d+$/, "") : entry;
}

const lastOf = (value: string | null): string | undefined => value?.split(",").at(-1)?.trim();

const protoOf = (value: string | undefined): "http" | "https" | null => {
  const lower = value?.toLowerCase();
  return lower === "https" || lower === "http" ? lower : null;
};
