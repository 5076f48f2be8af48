/**
 * `bun bench/publish.ts`: how long one change takes to be in force with 1,000 apps, 10,000 domains and
 * 100,000 routes: the write by the admin API, and the part that every process does.
 * Needs PICLOUD_TEST_DATABASE or starts a PostgreSQL of its own.
 */
import { createHarness } from "../test/manager/support/harness.ts";
import { followRouting } from "../src/server/routing-table.ts";

const APPS = 1000;
const DOMAINS_PER_APP = 10;
const ROUTES_PER_APP = 100;
const CHANGES = 200;

const h = await createHarness();
const id = () => Bun.randomUUIDv7();
await h.database.sql.begin(async (sql) => {
  for (let app = 0; app < APPS; app++) {
    const [appId, scriptId] = [id(), id()];
    await sql`insert into apps (id, slug, name) values (${appId}, ${`bench-${app}`}, 'Bench')`;
    await sql`insert into scripts (id, app_id, name, version, latest_version) values (${scriptId}, ${appId}, 'b', 1, 1)`;
    const domains = Array.from({ length: DOMAINS_PER_APP }, (_, n) => ({
      id: id(),
      app_id: appId,
      host: `d${n}.a${app}.example`,
      kind: "strict",
    }));
    await sql`insert into domains ${sql(domains)}`;
    const routes = Array.from({ length: ROUTES_PER_APP }, (_, n) => ({
      id: id(),
      app_id: appId,
      script_id: scriptId,
      method: "*",
      path: n % 3 === 0 ? `/r${n}/:id` : n % 3 === 1 ? `/r${n}/*` : `/r${n}`,
      path_kind: n % 3 === 0 ? "param" : n % 3 === 1 ? "prefix" : "exact",
      host_kind: "any",
    }));
    await sql`insert into routes ${sql(routes)}`;
  }
  await sql`update routing_revision set revision = revision + 5000`;
});

const { publisher } = h.manager;
const tables = followRouting(publisher.routingTables);

/** Runs `work`; how long it took, and the longest time in which nothing else had a turn. */
async function paused(work: () => Promise<unknown>): Promise<string> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const from = performance.now();
  await work();
  clearInterval(timer);
  return `${(performance.now() - from).toFixed(0)} ms, longest pause ${longest.toFixed(1)} ms`;
}

const first = await paused(() => publisher.catchUp(5000));
await h.database.sql`update routing_revision set revision = 10000`;
const again = await paused(() => publisher.catchUp(10_000));

const writes: number[] = [];
for (let n = 0; n < CHANGES; n++) {
  const from = performance.now();
  await h.call("PATCH", `/apps/bench-${n}`, { as: h.owner, body: { slug: `renamed-${n}` } });
  writes.push(performance.now() - from);
}
const line = (name: string, values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => (sorted[Math.floor((sorted.length - 1) * q)] ?? 0).toFixed(2);
  return `${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
};
const report = [
  `${tables().apps.length} apps; first load ${first}; full resync ${again}; resident ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  line("one change by the admin API, in force when answered", writes),
];
process.stdout.write(`${report.join("\n")}\n`);
await h.close();
