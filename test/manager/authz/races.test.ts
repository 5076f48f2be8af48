/** Guards when two requests come at once: each pair is run many times, in the hope that the bad order comes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "../../../src/shared/ids.ts";
import { createHarness, PASSWORD } from "../support/harness.ts";
import type { Answer, Harness, Person } from "../support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const ROUNDS = 12;
const patch = (id: string, body: object, as: Person = h.owner) =>
  h.call("PATCH", `/users/${id}`, { as, body });
const login = (person: Person, password = PASSWORD) =>
  h.call("POST", "/auth/login", { body: { username: person.username, password } });
const works = async (token: string | undefined) =>
  token !== undefined && (await h.call("GET", "/auth/me", { as: token })).status === 200;
const noFault = (answers: readonly Answer[]) => {
  for (const { status } of answers) expect(status).toBeLessThan(500);
};

describe("at once", () => {
  test("two owners who take each other's role away leave one", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const other = await h.person("owner");
      const answers = await Promise.all([
        patch(other.id, { instance_role: "member" }),
        patch(h.owner.id, { instance_role: "member" }, other),
        h.call("DELETE", `/users/${h.owner.id}`, { as: other }),
      ]);
      noFault(answers);
      const owners = await h.database.sql`
        select id from users where instance_role = 'owner' and is_active and kind = 'person'`;
      expect(owners.length).toBeGreaterThanOrEqual(1);
      // For the next round: whoever is left makes the first one owner again.
      await h.database
        .sql`update users set instance_role = 'owner', is_active = true where id = ${h.owner.id}`;
      h.manager.deps.credentials.drop(null);
      if ((await h.database.sql`select 1 from users where id = ${h.owner.id}`).length === 0) {
        Object.assign(h.owner, other);
        await h.database.sql`update users set instance_role = 'owner' where id = ${other.id}`;
      } else await h.call("DELETE", `/users/${other.id}`, { as: h.owner });
    }
  });

  test("an admin who loses the role gives none with what is left of it", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [admin, friend] = [await h.person("admin"), await h.person("member")];
      const [demoted, promoted] = await Promise.all([
        patch(admin.id, { instance_role: "member" }),
        patch(friend.id, { instance_role: "admin" }, admin),
      ]);
      expect(demoted.status).toBe(200);
      expect([200, 403]).toContain(promoted.status);
      const rows = await h.database.sql`
        select a.action, a.target from audit a where a.target in (${admin.id}, ${friend.id}) and a.action = 'user.update' order by a.id`;
      // What was refused left no row, and what was allowed came before the role was lost.
      const order = rows.map(({ target }) => target);
      expect(order).toEqual(promoted.status === 200 ? [friend.id, admin.id] : [admin.id]);
    }
  });

  test("a deactivation and a login, a new key or a new password leave nothing that works, then or later", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const person = await h.person("member");
      const [off, entered, key] = await Promise.all([
        patch(person.id, { is_active: false }),
        login(person),
        h.call("POST", "/api-keys", { as: person, body: { name: "k", scopes: ["script:read"] } }),
        h.call("POST", "/auth/password", {
          as: person,
          body: { current_password: PASSWORD, new_password: "a new good password" },
        }),
      ]);
      noFault([off, entered, key]);
      expect(off.status).toBe(200);
      expect(await works(entered.body.token)).toBe(false);
      await patch(person.id, { is_active: true });
      for (const token of [person.token, entered.body.token, key.body?.raw_token])
        expect(await works(token)).toBe(false);
    }
  });

  test("a new password and a login with the old one leave no session of the old one", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const person = await h.person("member");
      const [changed, entered] = await Promise.all([
        patch(person.id, { password: "a new good password" }),
        login(person),
      ]);
      expect(changed.status).toBe(200);
      expect(await works(entered.body.token)).toBe(false);
      expect((await login(person, "a new good password")).status).toBe(200);
    }
  });

  test("two changes of one's own password: one wins, the other's password is not right any more", async () => {
    const person = await h.person("member");
    const change = (next: string) =>
      h.call("POST", "/auth/password", {
        as: person,
        body: { current_password: PASSWORD, new_password: next },
      });
    const answers = await Promise.all([
      change("the first new password"),
      change("the second new password"),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 422]);
  });

  test("a membership that is changed and ended is changed and then ended, or not there: 404", async () => {
    const app = await h.app();
    for (let round = 0; round < ROUNDS; round++) {
      const member = await h.member(app.id, "viewer");
      const path = `/apps/${app.id}/members/${member.id}`;
      const [changed, ended] = await Promise.all([
        h.call("PATCH", path, { as: h.owner, body: { role: "editor" } }),
        h.call("DELETE", path, { as: h.owner }),
      ]);
      expect([200, 404]).toContain(changed.status);
      expect(ended.status).toBe(204);
      expect(
        await h.database.sql`select 1 from app_members where user_id = ${member.id}`,
      ).toHaveLength(0);
    }
  });

  test("two app admins who take each other's role away do not both win, nor hang", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const app = await h.app();
      const [one, two] = [await h.member(app.id, "app_admin"), await h.member(app.id, "app_admin")];
      const demote = (who: Person, as: Person) =>
        h.call("PATCH", `/apps/${app.id}/members/${who.id}`, { as, body: { role: "viewer" } });
      const answers = await Promise.all([demote(two, one), demote(one, two)]);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
    }
  });

  test("a member who is added while the user is deactivated or deleted is added before, or not at all", async () => {
    const app = await h.app();
    for (let round = 0; round < ROUNDS; round++) {
      const person = await h.person("member");
      const [added, gone] = await Promise.all([
        h.call("POST", `/apps/${app.id}/members`, {
          as: h.owner,
          body: { user_id: person.id, role: "viewer" },
        }),
        round % 2 === 0
          ? patch(person.id, { is_active: false })
          : h.call("DELETE", `/users/${person.id}`, { as: h.owner }),
      ]);
      expect([201, 404, 422]).toContain(added.status);
      expect([200, 204]).toContain(gone.status);
    }
  });

  test("an app that is deleted while a key, a member or a script is made in it is not there", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const app = await h.app();
      const person = await h.person("member");
      const [gone, ...made] = await Promise.all([
        h.call("DELETE", `/apps/${app.id}?force=true`, { as: h.owner }),
        h.call("POST", "/api-keys", {
          as: h.owner,
          body: { name: "k", scopes: ["script:read"], app_id: app.id },
        }),
        h.call("POST", `/apps/${app.id}/members`, {
          as: h.owner,
          body: { user_id: person.id, role: "viewer" },
        }),
        h.call("POST", "/scripts", {
          as: h.owner,
          body: { app_id: app.id, name: "s", source: "1" },
        }),
      ]);
      expect([204, 409]).toContain(gone.status);
      for (const { status } of made) expect([201, 404]).toContain(status);
    }
  });

  test("user names and e-mail addresses that meet are told apart", async () => {
    const username = `meet-${newId().slice(-8)}`;
    const make = (name: string, email: string) =>
      h.call("POST", "/users", {
        as: h.owner,
        body: { username: name, email, password: PASSWORD },
      });
    const names = await Promise.all(
      ["a", "b", "c"].map((part) => make(username, `${part}-${newId()}@example.com`)),
    );
    expect(
      names.map(({ body, status }) => (status === 201 ? "made" : String(body.code))).toSorted(),
    ).toEqual(["made", "username_taken", "username_taken"]);
    const email = `${newId()}@example.com`;
    const mails = await Promise.all(
      ["x", "y", "z"].map((part) => make(`${username}-${part}`, email)),
    );
    expect(
      mails.map(({ body, status }) => (status === 201 ? "made" : String(body.code))).toSorted(),
    ).toEqual(["email_taken", "email_taken", "made"]);
  });
});
