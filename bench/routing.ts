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

/** Nanoseconds per call at p50 and p99, by batches of `batch` so that the clock does not show. */
function percentiles(
  run: (request: Request) => unknown,
  requests: Request[],
  batch = 10,
  rounds = 40_000,
): { p50: number; p99: number } {
  for (let i = 0; i < 200_000; i++) run(requests[i % requests.length] as Request);
  const samples = new Float64Array(rounds);
  let at = 0;
  for (let r = 0; r < rounds; r++) {
    const started = Bun.nanoseconds();
    for (let b = 0; b < batch; b++) {
      run(requests[at] as Request);
      at = at + 1 === requests.length ? 0 : at + 1;
    }
    samples[r] = (Bun.nanoseconds() - started) / batch;
  }
  samples.sort();
  return {
    p50: Math.round(samples[rounds >> 1] ?? 0),
    p99: Math.round(samples[Math.floor(rounds * 0.99)] ?? 0),
  };
}

function print(name: string, value: { p50: number; p99: number }): void {
  process.stdout.write(
    `${name.padEnd(58)} p50 ${String(value.p50).padStart(6)} ns   p99 ${String(value.p99).padStart(6)} ns\n`,
  );
}

function lookups(): void {
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
    print(
      `picloud match, ${routes} routes, ${apps} apps, ${domains} claims`,
      percentiles((r) => match(table, r), requests),
    );
    const hot = requests.slice(0, 10);
    print(
      `  the same, 10 requests over and over`,
      percentiles((r) => match(table, r), hot),
    );
    // Paths of real requests are fresh strings, whose hash is not known yet.
    print(
      `  the same, paths as fresh strings`,
      percentiles(
        (r) => match(table, { host: r.host, method: r.method, path: `x${r.path}`.slice(1) }),
        requests,
      ),
    );
  }
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
    print(
      `${count} routes: picloud, path only`,
      percentiles((r) => matchPath(target, "GET", r.path), requests),
    );
    const trie = new TrieRouter<string>();
    const way = findMyWay();
    const regexp = new RegExpRouter<string>();
    for (const route of snapshot.routes) {
      for (const router of [trie, regexp]) router.add("GET", route.path, route.id);
      way.on("GET", route.path, () => route.id);
    }
    print(
      `${count} routes: hono TrieRouter`,
      percentiles((r) => trie.match("GET", r.path), requests, 10, 5_000),
    );
    try {
      print(
        `${count} routes: hono RegExpRouter`,
        percentiles((r) => regexp.match("GET", r.path), requests, 10, 5_000),
      );
    } catch (error) {
      process.stdout.write(
        `${count} routes: hono RegExpRouter cannot express the table: ${String(error)}\n`,
      );
    }
    print(
      `${count} routes: find-my-way`,
      percentiles((r) => way.find("GET", r.path), requests),
    );
  }
}

lookups();
await swap();
compare();
