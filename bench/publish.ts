/**
 * `bun bench/publish.ts`: how long one change takes to be in force with 1,000 apps, 10,000 domains and
 * 100,000 routes: the write by the admin API, and the part that every process does.
 * Needs PICLOUD_TEST_DATABASE or starts a PostgreSQL of its own.
 */
import { createHarness } from "../test/manager/support/harness.ts";
import { applyUpdate } from "../src/shared/routing/compile.ts";
import { EMPTY_TABLE } from "../src/shared/routing/table.ts";

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
let table = EMPTY_TABLE;
const swaps: number[] = [];
publisher.routingTables.onSwap((update) => {
  const from = performance.now();
  table = applyUpdate(table, update);
  swaps.push(performance.now() - from);
});
const loadFrom = performance.now();
await publisher.catchUp(5000);
const loadMs = performance.now() - loadFrom;
swaps.length = 0;

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
  `${table.apps.length} apps; first load ${loadMs.toFixed(0)} ms; resident ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  line("one change by the admin API, in force when answered", writes),
  line("of that, the swap of the compiled table", swaps),
];
process.stdout.write(`${report.join("\n")}\n`);
await h.close();
