/**
 * Route lookup and table swap: this router against its size, and against others on tables they can
 * express. `bun bench/routing.ts`
 */
import { RegExpRouter } from "hono/router/reg-exp-router";
import { TrieRouter } from "hono/router/trie-router";
import findMyWay from "find-my-way";
import { applyUpdate, compileAhead, compileTable } from "../src/shared/routing/compile.ts";
import { match, findHost, matchPath } from "../src/shared/routing/match.ts";
import type { AppRouting, RoutingSnapshot } from "../src/shared/routing.ts";
import type { RoutingTable } from "../src/shared/routing/table.ts";
import { median } from "./statistics.ts";

interface Request {
  host: string;
  method: string;
  path: string;
}

/** `apps` apps with `routes` routes and `domains` claims in all: a third each exact, param and prefix. */
function snapshotOf(apps: number, routes: number, domains: number): RoutingSnapshot {
  const snapshot: RoutingSnapshot = { revision: 1, apps: [], domains: [], routes: [] };
  for (let i = 0; i < apps; i++) snapshot.apps.push({ id: `app${i}`, slug: `app-${i}` });
  for (let i = 0; i < domains; i++) {
    const wildcard = i % 10 === 9;
    const host = wildcard ? `*.h${i}.example.com` : `h${i}.example.com`;
    snapshot.domains.push({
      id: `d${i}`,
      appId: `app${i % apps}`,
      host,
      kind: wildcard ? "wildcard" : "strict",
    });
  }
  for (let i = 0; i < routes; i++) {
    const appId = `app${i % apps}`;
    const path =
      [`/v1/things${i}/list`, `/v1/things${i}/:id`, `/files${i}/*`][Math.floor(i / apps) % 3] ?? "";
    snapshot.routes.push({
      id: `r${i}`,
      appId,
      scriptId: `s${i}`,
      method: i % 2 ? "GET" : "*",
      path,
      pathKind: "exact",
      hostKind: "any",
      host: null,
      hostParamName: null,
    });
  }
  return snapshot;
}

function requestsFor(snapshot: RoutingSnapshot, apps: number, count: number): Request[] {
  const requests: Request[] = [];
  for (let i = 0; i < count; i++) {
    const route = snapshot.routes[(i * 7919) % snapshot.routes.length];
    const app = Number(route?.appId.slice(3));
    const domain = snapshot.domains[app]?.host ?? "";
    const host = domain.replace("*.", "a.");
    requests.push({
      host,
      method: "GET",
      path: (route?.path ?? "").replace(":id", `${i}`).replace("*", "some/file.txt"),
    });
  }
  return requests;
}

type Run = (request: Request) => unknown;

interface Case {
  name: string;
  run: Run;
  requests: Request[];
}

const ROUNDS = 21;
const SAMPLES = 2_000;
/** Lookups a sample, so that the clock does not show. */
const BATCH = 10;

function sample({ run, requests }: Case): Float64Array {
  const samples = new Float64Array(SAMPLES);
  let at = 0;
  // Once round first: what is measured is this case with its own memory in the caches.
  for (const request of requests) run(request);
  for (let i = 0; i < SAMPLES; i++) {
    const started = Bun.nanoseconds();
    for (let b = 0; b < BATCH; b++) {
      run(requests[at] as Request);
      at = at + 1 === requests.length ? 0 : at + 1;
    }
    samples[i] = (Bun.nanoseconds() - started) / BATCH;
  }
  return samples.sort();
}

/**
 * Nanoseconds a lookup. The cases take turns, so that a busy machine is unkind to all of them alike. Of the
 * rounds the median and, in brackets, the quietest; the ratio is to the first case, both by their medians.
 */
function measure(cases: readonly Case[]): void {
  const p50 = cases.map((): number[] => []);
  const p99 = cases.map((): number[] => []);
  for (let round = -2; round < ROUNDS; round++) {
    for (const [i, one] of cases.entries()) {
      const samples = sample(one);
      if (round < 0) continue;
      p50[i]?.push(samples[SAMPLES >> 1] ?? 0);
      p99[i]?.push(samples[Math.floor(SAMPLES * 0.99)] ?? 0);
    }
  }
  const base = median(p50[0] ?? []);
  for (const [i, { name }] of cases.entries()) {
    const [at50 = [], at99 = []] = [p50[i], p99[i]];
    const ratio = `${(median(at50) / base).toFixed(1)}x`;
    process.stdout.write(`${name.padEnd(42)} p50 ${figures(at50)} p99 ${figures(at99)} ${ratio}\n`);
  }
}

const figures = (rounds: number[]): string =>
  `${median(rounds).toFixed(0)} (${Math.min(...rounds).toFixed(0)}) ns`.padEnd(18);

/** How often this machine takes the processor away, which shows in every p99. */
function interruptions(): void {
  const taken: number[] = [];
  const ends = Bun.nanoseconds() + 5e8;
  for (let last = Bun.nanoseconds(); last < ends;) {
    const now = Bun.nanoseconds();
    if (now - last > 10_000) taken.push((now - last) / 1000);
    last = now;
  }
  process.stdout.write(
    `this machine: ${taken.length * 2} interruptions a second, ${median(taken).toFixed(0)} us each\n`,
  );
}

function lookups(): void {
  const cases: Case[] = [];
  for (const [apps, routes, domains] of [
    [1, 10, 1],
    [100, 10_000, 1_000],
    [1_000, 100_000, 10_000],
  ] as const) {
    const snapshot = snapshotOf(apps, routes, domains);
    const table = compileTable(snapshot);
    const requests = requestsFor(snapshot, apps, 5_000);
    for (const request of requests)
      if (match(table, request).kind !== "route")
        throw new Error(`Cannot measure: ${JSON.stringify(request)} has no route`);
    const run: Run = (request) => match(table, request);
    cases.push({ name: `${routes} routes, ${apps} apps, ${domains} claims`, run, requests });
    cases.push({
      name: "  the same, 10 requests over and over",
      run,
      requests: requests.slice(0, 10),
    });
    // Paths of real requests are fresh strings, whose hash is not known yet.
    cases.push({
      name: "  the same, paths as fresh strings",
      run: (r) => match(table, { host: r.host, method: r.method, path: `x${r.path}`.slice(1) }),
      requests,
    });
  }
  measure(cases);
}

/** An update in which every app differs: compiled in slices, then swapped at once. */
async function replaceAll(snapshot: RoutingSnapshot, table: RoutingTable): Promise<void> {
  const apps = new Map<string, AppRouting>();
  for (const { id } of snapshot.apps) apps.set(id, { slug: `new-${id}`, domains: [], routes: [] });
  for (const domain of snapshot.domains) apps.get(domain.appId)?.domains.push(domain);
  for (const route of snapshot.routes)
    apps.get(route.appId)?.routes.push({ ...route, path: `/n${route.path}` });
  const update = { revision: table.revision + 1, full: false, apps };
  const sliced = Bun.nanoseconds();
  const ahead = await compileAhead(table, update);
  const swapped = Bun.nanoseconds();
  applyUpdate(table, update, ahead);
  const ended = Bun.nanoseconds();
  process.stdout.write(
    `everything changed: ${((swapped - sliced) / 1e6).toFixed(0)} ms in slices, then swapped in ${((ended - swapped) / 1e6).toFixed(1)} ms\n`,
  );
}

async function swap(): Promise<void> {
  const snapshot = snapshotOf(1_000, 100_000, 10_000);
  const compiled = Bun.nanoseconds();
  let table = compileTable(snapshot);
  process.stdout.write(
    `whole table compiled in ${((Bun.nanoseconds() - compiled) / 1e6).toFixed(1)} ms\n`,
  );
  const resynced = Bun.nanoseconds();
  compileTable(
    { ...snapshot, revision: 2, routes: snapshot.routes.map((route) => ({ ...route })) },
    table,
  );
  process.stdout.write(
    `unchanged resync in ${((Bun.nanoseconds() - resynced) / 1e6).toFixed(1)} ms\n`,
  );
  await replaceAll(snapshot, table);
  for (const withClaim of [false, true]) {
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const id = `app${i}`;
      const routes = snapshot.routes.filter((route) => route.appId === id).slice(1);
      const domains = snapshot.domains
        .filter((domain) => domain.appId === id)
        .slice(withClaim ? 1 : 0);
      const started = Bun.nanoseconds();
      const apps = new Map([[id, { slug: id, domains, routes }]]);
      table = applyUpdate(table, { revision: table.revision + 1, full: false, apps });
      times.push((Bun.nanoseconds() - started) / 1e6);
    }
    times.sort((a, b) => a - b);
    process.stdout.write(
      `swap after one change${withClaim ? " of a claim too" : ""}: p50 ${times[100]?.toFixed(3)} ms, max ${times.at(-1)?.toFixed(3)} ms\n`,
    );
  }
}

/** One app's table, which the others can express: no hosts, GET only. */
function compare(): void {
  for (const count of [30, 1_000]) {
    const snapshot = snapshotOf(1, count, 1);
    const requests = requestsFor(snapshot, 1, 2_000);
    const table = compileTable(snapshot);
    const target = findHost(table, "h0.example.com");
    if (target === undefined) throw new Error("Cannot measure: no host");
    const trie = new TrieRouter<string>();
    const way = findMyWay();
    const regexp = new RegExpRouter<string>();
    for (const route of snapshot.routes) {
      for (const router of [trie, regexp]) router.add("GET", route.path, route.id);
      way.on("GET", route.path, () => route.id);
    }
    const others: [string, Run][] = [
      ["picloud, path only", (r) => matchPath(target, "GET", r.path)],
      ["hono TrieRouter", (r) => trie.match("GET", r.path)],
      ["hono RegExpRouter", (r) => regexp.match("GET", r.path)],
      ["find-my-way", (r) => way.find("GET", r.path)],
    ];
    measure(others.map(([name, run]) => ({ name: `${count} routes: ${name}`, run, requests })));
  }
}

interruptions();
lookups();
await swap();
compare();
