/** The address space that is not the public internet: the IANA special-purpose registries and multicast. */
import { contains, parseCidr, type Cidr } from "./address.ts";

const REGISTRY: readonly [cidr: string, name: string][] = [
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "protocol assignments"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  ["::1/128", "loopback"],
  ["64:ff9b::/96", "NAT64"],
  ["64:ff9b:1::/48", "NAT64"],
  ["fc00::/7", "unique local"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
  ["2001::/23", "protocol assignments and Teredo"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4"],
  ["3fff::/20", "documentation"],
];

const TABLE: readonly [Cidr, string][] = REGISTRY.map(([text, name]) => [
  parseCidr(text) as Cidr,
  name,
]);
const GLOBAL_UNICAST = parseCidr("2000::/3") as Cidr;

/** What kind of special address this is; undefined for a public one. */
export function specialPurpose(bytes: Uint8Array): string | undefined {
  for (const [cidr, name] of TABLE) if (contains(cidr, bytes)) return name;
  if (bytes.length === 16 && !contains(GLOBAL_UNICAST, bytes)) return "reserved";
  return undefined;
}
