/** Random tables and requests over alphabets so small that everything meets everything. */
import type { DomainRow, RouteRow } from "../../../src/shared/routing.ts";

/** A seeded generator (mulberry32), so that a failure can be run again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Random = () => number;

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("Cannot pick: the list is empty");
  return item;
}

const HOSTS = ["x.test", "a.x.test", "b.a.x.test", "y.test", "a.y.test", "z.test"];
const WILDCARDS = ["*.x.test", "*.a.x.test", "*.y.test", "*.test"];
const LITERALS = ["a", "b", "B", "%62", "a%2Fb", "%2525", "caf%C3%A9", "%20"];
const METHODS = ["*", "*", "GET", "GET", "POST", "HEAD", "OPTIONS"];

function randomPath(random: Random): string {
  const length = Math.floor(random() * 4);
  const segments: string[] = [];
  const form = random();
  for (let i = 0; i < length; i++) {
    const isParam = form > 0.4 && form < 0.8 && random() < 0.5;
    segments.push(isParam ? `:p${i}` : pick(random, LITERALS));
  }
  if (form >= 0.8) segments.push("*");
  else if (length === 0 || random() < 0.15) segments.push("");
  return `/${segments.join("/")}`;
}

export function randomRoute(random: Random, id: string, appId: string): RouteRow {
  const path = randomPath(random);
  const hostKind = pick(random, ["any", "any", "strict", "wildcard"] as const);
  const host = hostKind === "any" ? null : pick(random, hostKind === "strict" ? HOSTS : WILDCARDS);
  const hostParamName = random() < 0.5 ? "tenant" : null;
  const pathKind = path.endsWith("/*") ? "prefix" : path.includes("/:") ? "param" : "exact";
  return {
    id,
    appId,
    scriptId: `s${id}`,
    method: pick(random, METHODS),
    path,
    pathKind,
    hostKind,
    host,
    hostParamName,
  };
}

export function randomDomains(random: Random, apps: readonly string[]): DomainRow[] {
  const domains: DomainRow[] = [];
  for (const host of [...HOSTS, ...WILDCARDS]) {
    if (random() > 0.6) continue;
    const kind = host.startsWith("*.") ? "wildcard" : "strict";
    domains.push({ id: host, appId: pick(random, apps), host, kind });
  }
  return domains;
}

export function randomRequest(random: Random): { host: string; method: string; path: string } {
  const segments: string[] = [];
  const length = 1 + Math.floor(random() * 4);
  for (let i = 0; i < length; i++) segments.push(random() < 0.1 ? "" : pick(random, LITERALS));
  return {
    host: pick(random, [...HOSTS, "c.b.a.x.test", "nobody.example"]),
    method: pick(random, ["GET", "POST", "HEAD", "OPTIONS", "PUT"]),
    path: `/${segments.join("/")}`,
  };
}
