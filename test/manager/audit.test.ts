import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { enforceAuditRetention } from "../../src/manager/audit/audit-retention.ts";
import { newId } from "../../src/shared/ids.ts";
import { createHarness, PASSWORD } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const DAY_MS = 86_400_000;
const audit = async (query: string) =>
  (await h.call("GET", `/audit?${query}`, { as: h.owner })).body;
const setRetention = (audit_retention_days: number | null) =>
  h.call("PATCH", "/settings", { as: h.owner, body: { audit_retention_days } });
const insertAt = async (daysAgo: number): Promise<string> => {
  const id = newId();
  const at = new Date(Date.now() - daysAgo * DAY_MS).toISOString();
  await h.database
    .sql`insert into audit (id, at, actor_kind, action) values (${id}, ${at}, 'system', 'test.row')`;
  return id;
};
const present = async (id: string): Promise<boolean> =>
  (await h.database.sql`select 1 from audit where id = ${id}`).length === 1;

describe("the audit log", () => {
  test("has no password, hash, token or secret, whatever was done", async () => {
    const user = { username: `u-${newId().slice(-12)}`, password: "a password to look for" };
    const { body: made } = await h.call("POST", "/users", { as: h.owner, body: user });
    await h.call("PATCH", `/users/${made.id}`, {
      as: h.owner,
      body: { password: "another one to look for" },
    });
    const { body: key } = await h.call("POST", "/api-keys", {
      as: h.owner,
      body: { name: "k", scopes: ["log:read"] },
    });
    const app = await h.app();
    for (const secret of [true, false])
      await h.call("PUT", `/apps/${app.id}/env/NAME`, {
        as: h.owner,
        body: { value: "a value to look for", secret },
      });
    await h.call("POST", "/auth/login", {
      body: { username: "a password as name", password: PASSWORD },
    });
    const text = JSON.stringify(await h.database.sql`select * from audit`);
    expect(text).toContain("user.update");
    for (const hidden of [
      "to look for",
      "argon2",
      key.raw_token,
      h.owner.token,
      "a password as name",
    ])
      expect(text).not.toContain(hidden);
  });

  test("has no row for what was refused or failed, and one for what was done, with before and after", async () => {
    const member = await h.person("member");
    const count = async () => (await audit(`actor=${h.owner.id}&limit=200`)).items.length;
    const before = await count();
    await h.call("PATCH", `/users/${member.id}`, { as: h.owner, body: { instance_role: "king" } });
    await h.call("POST", "/users", {
      as: h.owner,
      body: { username: member.username, password: PASSWORD },
    });
    expect(await count()).toBe(before);
    await h.call("PATCH", `/users/${member.id}`, { as: h.owner, body: { instance_role: "admin" } });
    const [row] = (await audit(`actor=${h.owner.id}&limit=1`)).items;
    expect(row).toMatchObject({
      action: "user.update",
      target: member.id,
      before: { instance_role: "member" },
      after: { instance_role: "admin" },
    });
  });

  test("is asked by actor, app and time together, and paged without gaps", async () => {
    const [app, other] = [await h.app(), await h.app()];
    const editor = await h.member(app.id, "editor");
    const since = new Date().toISOString();
    for (let index = 0; index < 5; index++)
      await h.call("PUT", `/apps/${app.id}/env/N${index}`, { as: editor, body: { value: "v" } });
    const first = await audit(`app=${app.id}&actor=${editor.id}&since=${since}&limit=3`);
    const second = await audit(
      `app=${app.id}&actor=${editor.id}&since=${since}&limit=3&cursor=${first.next_cursor}`,
    );
    const targets = [...first.items, ...second.items].map(
      ({ target }: { target: string }) => target,
    );
    expect(targets).toEqual(["N4", "N3", "N2", "N1", "N0"]);
    expect(second.next_cursor).toBeNull();
    expect((await audit(`app=${other.id}&actor=${editor.id}`)).items).toEqual([]);
    expect((await audit(`app=no-such-app`)).code).toBe("not_found");
    expect((await audit(`since=yesterday`)).code).toBe("invalid");
  });

  test("keeps rows for as long as the setting says, and for ever without one", async () => {
    const [old, newer] = [await insertAt(400), await insertAt(300)];
    await setRetention(null);
    expect(
      (await h.call("GET", "/settings", { as: h.owner })).body.audit_retention_days,
    ).toBeNull();
    expect(await enforceAuditRetention(h.database.db, h.clock)).toBe(0);
    await setRetention(365);
    expect(await enforceAuditRetention(h.database.db, h.clock)).toBe(1);
    expect([await present(old), await present(newer)]).toEqual([false, true]);
  });

  test("cannot be emptied by the role that the platform runs with", async () => {
    const young = await insertAt(20);
    const run = (sql: string) => h.database.sql.unsafe(sql).then(() => "done", String);
    expect(await run("delete from audit")).toContain("permission denied");
    expect(await run("truncate audit")).toContain("permission denied");
    expect(await run("update audit set actor_name = 'eve'")).toContain("permission denied");
    expect(await run("select delete_old_audit(now(), 1000)")).toContain("younger than 30 days");
    expect(await run("select delete_old_audit('infinity', 1000)")).toContain(
      "younger than 30 days",
    );
    expect(
      await run(
        "create or replace function delete_old_audit(until timestamptz, most integer) returns bigint language sql as 'select 1'",
      ),
    ).not.toBe("done");
    expect(await present(young)).toBe(true);
  });
});
