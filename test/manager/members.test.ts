import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
let app: { id: string; slug: string };
let boss: Person;
beforeAll(async () => {
  h = await createHarness();
  app = await h.app();
  boss = await h.member(app.id, "app_admin");
});
afterAll(() => h.close());

const path = (rest = "") => `/apps/${app.slug}/members${rest}`;
const add = (as: Person, user_id: string, role = "editor") =>
  h.call("POST", path(), { as, body: { user_id, role } });

describe("a membership", () => {
  test("is given by an app admin, listed, changed and ended", async () => {
    const person = await h.person("member");
    expect(await add(boss, person.id)).toMatchObject({
      status: 201,
      body: {
        user_id: person.id,
        username: person.username,
        instance_role: "member",
        is_active: true,
        role: "editor",
      },
    });
    expect((await h.call("GET", `/apps/${app.slug}`, { as: person })).body.my_role).toBe("editor");
    const list = await h.call("GET", path(), { as: boss });
    expect(list.body.items.map((item: { user_id: string }) => item.user_id)).toContain(person.id);
    const changed = await h.call("PATCH", path(`/${person.id}`), {
      as: boss,
      body: { role: "viewer" },
    });
    expect(changed.body.role).toBe("viewer");
    expect((await h.call("GET", `/apps/${app.slug}`, { as: person })).body.my_role).toBe("viewer");
    expect((await h.call("DELETE", path(`/${person.id}`), { as: boss })).status).toBe(204);
    expect((await h.call("GET", `/apps/${app.slug}`, { as: person })).status).toBe(404);
    expect((await h.call("DELETE", path(`/${person.id}`), { as: boss })).status).toBe(204);
  });

  test.each(["viewer", "editor"] as const)("is not for a %s to give, list or end", async (role) => {
    const person = await h.member(app.id, role);
    const other = await h.person("member");
    expect((await add(person, other.id)).status).toBe(403);
    expect((await h.call("GET", path(), { as: person })).status).toBe(403);
    expect((await h.call("DELETE", path(`/${boss.id}`), { as: person })).status).toBe(403);
    expect(
      (await h.call("PATCH", path(`/${person.id}`), { as: person, body: { role: "app_admin" } }))
        .status,
    ).toBe(403);
  });

  test("hides the app from those who have none", async () => {
    const stranger = await h.person("member");
    for (const [method, rest, body] of [
      ["GET", "", undefined],
      ["POST", "", { user_id: stranger.id, role: "app_admin" }],
      ["PATCH", `/${stranger.id}`, { role: "app_admin" }],
      ["DELETE", `/${stranger.id}`, undefined],
    ] as const) {
      const hidden = await h.call(method, path(rest), { as: stranger, body });
      const unknown = await h.call(method, `/apps/no-such-app/members${rest}`, {
        as: stranger,
        body,
      });
      delete hidden.body.request_id;
      delete unknown.body.request_id;
      expect(hidden.status).toBe(404);
      expect(hidden.body).toEqual(unknown.body);
    }
  });

  test("may be left by oneself, whatever one's role", async () => {
    const person = await h.member(app.id, "viewer");
    expect((await h.call("DELETE", path(`/${person.id}`), { as: person })).status).toBe(204);
    expect((await h.call("GET", `/apps/${app.slug}`, { as: person })).status).toBe(404);
  });

  test("given twice at once is one", async () => {
    const person = await h.person("member");
    const answers = await Promise.all([
      add(boss, person.id),
      add(boss, person.id),
      add(boss, person.id),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("already_member");
  });

  test("is refused to the inactive, to those whose instance role implies it, and to nobody", async () => {
    const [inactive, admin] = [await h.person("member"), await h.person("admin")];
    await h.call("PATCH", `/users/${inactive.id}`, { as: h.owner, body: { is_active: false } });
    expect((await add(boss, inactive.id)).body).toMatchObject({
      status: 422,
      code: "inactive_user",
    });
    expect((await add(boss, admin.id)).body).toMatchObject({ status: 422, code: "role_implied" });
    expect((await add(boss, crypto.randomUUID())).status).toBe(404);
    expect((await add(boss, "nobody")).status).toBe(404);
    expect((await add(boss, inactive.id, "owner")).body).toMatchObject({
      status: 422,
      field: "role",
    });
  });

  test("that is not there cannot be changed", async () => {
    const person = await h.person("member");
    const answer = await h.call("PATCH", path(`/${person.id}`), {
      as: boss,
      body: { role: "viewer" },
    });
    expect(answer.status).toBe(404);
  });
});
