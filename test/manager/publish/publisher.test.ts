import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import type { Database } from "../../../src/manager/db/connect.ts";
import { createPublisher } from "../../../src/manager/publish/publisher.ts";
import type { Publisher } from "../../../src/manager/publish/publisher.ts";
import type { Change } from "../../../src/manager/publish/changes.ts";
import { DEFAULT_CEILINGS } from "../../../src/shared/limits.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";
import { until } from "../support/until.ts";

/** Stands for a second process: memory and connections of its own. */
let other: Publisher;
let otherDatabase: Database;
let h: Harness;
const told: (readonly Change[] | null)[] = [];

beforeAll(async () => {
  h = await createHarness();
  otherDatabase = connectDatabase({ url: h.url, poolSize: 2 });
  other = await createPublisher({
    db: otherDatabase.db,
    url: h.url,
    logger: h.manager.deps.logger,
    ceilings: DEFAULT_CEILINGS,
    variablesOf: async () => ({ env: {}, secretValues: [] }),
    lookEveryMs: 100,
  });
  other.onChange((changes) => void told.push(changes));
  await until(() => other.isConnected());
});
afterAll(async () => {
  await other.close();
  await otherDatabase.close();
  await h.close();
});

const slugs = (publisher: Publisher) =>
  publisher.routingTables.snapshot().apps.map(({ slug }) => slug);
const cutConnections = () =>
  h.database
    .sql`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()`;

describe("another process", () => {
  test("sees a write within a second, and is told what changed", async () => {
    const app = await h.app();
    await until(() => slugs(other).includes(app.slug), 1000);
    expect(told.at(-1)).toEqual([{ kind: "routing", appId: app.id }]);
  });

  test("runs the new live version", async () => {
    const app = await h.app();
    const script = await h.script(app.id);
    await until(() => other.scripts.resolve(script.id) !== undefined);
    expect(await other.scripts.resolve(script.id)).toMatchObject({ version: 1 });
    await h.call("PUT", `/scripts/${script.id}`, {
      as: h.owner,
      body: { source: "export default () => 2" },
    });
    await until(async () => (await other.scripts.resolve(script.id))?.version === 2);
  });

  test("repairs by itself what it missed while its connection was cut", async () => {
    await cutConnections();
    const app = await h.app();
    await until(() => slugs(other).includes(app.slug));
    await until(() => other.isConnected());
  });

  test("loads everything when the changes it missed are no longer kept", async () => {
    const before = told.length;
    await h.database.sql.begin(async (sql) => {
      await sql`update routing_revision set revision = revision + 10`;
      await sql`insert into apps (id, slug, name) values (${Bun.randomUUIDv7()}, 'restored', 'Restored')`;
      await sql`select pg_notify('picloud_changes', '999999')`;
    });
    await until(() => slugs(other).includes("restored"));
    expect(told.slice(before)).toContain(null);
  });

  test("keeps answering with a script's old version while everything is loaded anew, unless it has changed", async () => {
    const app = await h.app();
    const [same, changed] = [await h.script(app.id), await h.script(app.id)];
    await until(() => other.scripts.resolve(changed.id) !== undefined);
    const before = await other.scripts.resolve(same.id);
    await other.scripts.resolve(changed.id);
    await h.database.sql.begin(async (sql) => {
      await sql`update routing_revision set revision = revision + 10`;
      await sql`insert into script_versions (script_id, version, code, source_map, files, entry, checksum, size_bytes, instance, access, limits, packages, crons, listens_to_queue)
        select script_id, 2, 'export default () => 2', source_map, files, entry, 'two', size_bytes, instance, access, limits, packages, crons, listens_to_queue
        from script_versions where script_id = ${changed.id}`;
      await sql`update scripts set version = 2, latest_version = 2 where id = ${changed.id}`;
      await sql`select pg_notify('picloud_changes', '999999')`;
    });
    await until(async () => (await other.scripts.resolve(changed.id))?.version === 2);
    expect(other.scripts.resolve(same.id)).toBe(before as NonNullable<typeof before>);
  });

  test("finds a change whose event never came, on a connection that is well", async () => {
    const slug = `silent-${Bun.randomUUIDv7().slice(-8)}`;
    await h.database.sql.begin(async (sql) => {
      const id = Bun.randomUUIDv7();
      const [row] =
        await sql`update routing_revision set revision = revision + 1 returning revision`;
      await sql`insert into apps (id, slug, name) values (${id}, ${slug}, 'Silent')`;
      await sql`insert into changes (id, revision, kind, app_id) values (${Bun.randomUUIDv7()}, ${row?.["revision"]}, 'routing', ${id})`;
    });
    await until(() => slugs(other).includes(slug), 2_000);
  });

  test("never goes back: writes of many callers at once end in one state everywhere", async () => {
    await Promise.all(Array.from({ length: 12 }, () => h.app()));
    expect(slugs(h.manager.publisher).length).toBeGreaterThanOrEqual(12);
    const revision = h.manager.publisher.routingTables.snapshot().revision;
    await until(() => other.routingTables.snapshot().revision === revision);
    expect(slugs(other).toSorted()).toEqual(slugs(h.manager.publisher).toSorted());
  });
});

describe("a script that nobody knows", () => {
  test("costs no query", () => {
    expect(other.scripts.resolve(Bun.randomUUIDv7())).toBeUndefined();
  });
});
