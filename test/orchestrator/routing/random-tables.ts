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
const LITERALS = ["a", "b", "B", "%62", "a%2Fb", "%2525", "caf%C3%A9", "%20", "%E6%97%A5"];
const METHODS = ["*", "*", "GET", "GET", "POST", "HEAD", "OPTIONS", "PURGE", "REPORT"];
/** Before every path of some worlds, so that patterns lie deep and paths are long. */
const DEEP = ["/a".repeat(30), "/b".repeat(32), `/${"long".repeat(20)}`];

/** What one table is made of. Narrow worlds make routes meet that rarely do in wide ones. */
export interface World {
  stems: readonly string[];
  literals: readonly string[];
  hostKinds: readonly RouteRow["hostKind"][];
  methods: readonly string[];
  segmentsMax: number;
  /** Share of segments that are parameters, in paths that have some. */
  params: number;
}

export function randomWorld(random: Random): World {
  return {
    stems: random() < 0.8 ? [""] : ["", ...DEEP],
    literals: random() < 0.5 ? LITERALS : LITERALS.slice(0, 2),
    hostKinds: random() < 0.5 ? ["any", "any", "strict", "wildcard"] : ["any"],
    methods: random() < 0.5 ? METHODS : ["*", "GET"],
    segmentsMax: random() < 0.5 ? 3 : 4,
    params: random() < 0.5 ? 0.3 : 0.6,
  };
}

function randomPath(random: Random, world: World): string {
  const length = Math.floor(random() * (world.segmentsMax + 1));
  const segments: string[] = [];
  const form = random();
  for (let i = 0; i < length; i++) {
    const isParam = form > 0.3 && form < 0.8 && random() < world.params;
    segments.push(isParam ? `:p${i}` : pick(random, world.literals));
  }
  if (form >= 0.8) segments.push("*");
  else if (length === 0 || random() < 0.15) segments.push("");
  return `${pick(random, world.stems)}/${segments.join("/")}`;
}

export function randomRoute(random: Random, world: World, id: string, appId: string): RouteRow {
  const path = randomPath(random, world);
  const hostKind = pick(random, world.hostKinds);
  const host = hostKind === "any" ? null : pick(random, hostKind === "strict" ? HOSTS : WILDCARDS);
  return {
    id,
    appId,
    scriptId: `s${id}`,
    method: pick(random, world.methods),
    path,
    pathKind: path.endsWith("/*") ? "prefix" : path.includes("/:") ? "param" : "exact",
    hostKind,
    host,
    hostParamName: random() < 0.5 ? "tenant" : null,
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

export function randomRequest(
  random: Random,
  world: World,
): { host: string; method: string; path: string } {
  const segments: string[] = [];
  const length = 1 + Math.floor(random() * world.segmentsMax);
  for (let i = 0; i < length; i++)
    segments.push(random() < 0.1 ? "" : pick(random, world.literals));
  return {
    host: pick(random, [...HOSTS, "c.b.a.x.test", "nobody.example"]),
    method: pick(random, ["GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "PURGE", "LINK"]),
    path: `${pick(random, world.stems)}/${segments.join("/")}${random() < 0.02 ? "/a".repeat(70) : ""}`,
  };
}
