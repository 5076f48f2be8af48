import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness, PASSWORD } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
let admin: Person;
let member: Person;
beforeAll(async () => {
  h = await createHarness();
  [admin, member] = [await h.person("admin"), await h.person("member")];
});
afterAll(() => h.close());

let count = 0;
const newName = () => `user-${++count}`;
const create = (as: Person, more: object = {}) =>
  h.call("POST", "/users", { as, body: { username: newName(), password: PASSWORD, ...more } });
const patch = (as: Person, id: string, body: object) =>
  h.call("PATCH", `/users/${id}`, { as, body });
const login = (username: string, password = PASSWORD) =>
  h.call("POST", "/auth/login", { body: { username, password } });

describe("a user", () => {
  test("is made by an admin, logs in, and is read back without anything secret", async () => {
    const { status, body } = await create(admin, { email: "  Anna@Example.com " });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      username: expect.any(String),
      email: "Anna@Example.com",
      instance_role: "member",
      is_active: true,
      totp_enabled: false,
      created_at: expect.any(String),
      last_login_at: null,
    });
    expect((await login(body.username)).status).toBe(200);
    expect(
      (await h.call("GET", `/users/${body.id}`, { as: admin })).body.last_login_at,
    ).not.toBeNull();
  });

  test("cannot be made, listed, read, changed or deleted by a member", async () => {
    const { body: user } = await create(admin);
    const calls: [string, string, object?][] = [
      ["GET", "/users"],
      ["POST", "/users", { username: newName(), password: PASSWORD }],
      ["GET", `/users/${user.id}`],
      ["PATCH", `/users/${user.id}`, { email: null }],
      ["DELETE", `/users/${user.id}`],
    ];
    for (const [method, path, body] of calls) {
      expect((await h.call(method, path, { as: member, body })).status).toBe(403);
      expect((await h.call(method, path, { body })).status).toBe(401);
    }
  });

  test("has a name that no other has, in whatever case, and the two conflicts are told apart", async () => {
    const name = newName();
    const email = `${name}@example.com`;
    await create(admin, { username: name, email });
    expect((await create(admin, { username: name.toUpperCase() })).body).toMatchObject({
      status: 409,
      code: "username_taken",
    });
    expect((await create(admin, { email: email.toUpperCase() })).body).toMatchObject({
      status: 409,
      code: "email_taken",
    });
  });

  test("made three times at once exists once", async () => {
    const username = newName();
    const answers = await Promise.all([1, 2, 3].map(() => create(admin, { username })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  });

  test.each([
    [{ email: "no-at-sign" }, "email"],
    [{ email: `${"a".repeat(251)}@b.c` }, "email"],
    [{ password: "short" }, "password"],
    [{ password: "x".repeat(1025) }, "password"],
    [{ username: "a b" }, "username"],
    [{ username: "ab" }, "username"],
    [{ instance_role: "root" }, "instance_role"],
    [{ is_active: false }, "is_active"],
  ])("is refused with %j", async (more, field) => {
    const answer = await create(admin, more);
    expect(answer.body).toMatchObject({ status: 422, field });
    expect(JSON.stringify(answer.body)).not.toContain(PASSWORD);
  });

  test("keeps the e-mail that is absent, and loses the one that is null or blank", async () => {
    const { body: user } = await create(admin, { email: "keep@example.com" });
    expect((await patch(admin, user.id, {})).body.email).toBe("keep@example.com");
    expect((await patch(admin, user.id, { email: "  " })).body.email).toBeNull();
    expect((await patch(admin, user.id, { email: "back@example.com" })).body.email).toBe(
      "back@example.com",
    );
    expect((await patch(admin, user.id, { email: null })).body.email).toBeNull();
  });

  test("that is deactivated has no session and no key any more, and gets none back with activation", async () => {
    const person = await h.person("member");
    const key = await h.key(person, ["script:read"]);
    expect((await patch(admin, person.id, { is_active: false })).body.is_active).toBe(false);
    for (const token of [person.token, key.token])
      expect((await h.call("GET", "/auth/me", { as: token })).status).toBe(401);
    expect((await login(person.username)).status).toBe(401);
    await patch(admin, person.id, { is_active: true });
    for (const token of [person.token, key.token])
      expect((await h.call("GET", "/auth/me", { as: token })).status).toBe(401);
    expect((await login(person.username)).status).toBe(200);
  });

  test("whose password is set loses its sessions", async () => {
    const person = await h.person("member");
    await patch(admin, person.id, { password: "another good password" });
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(401);
    expect((await login(person.username)).status).toBe(401);
    expect((await login(person.username, "another good password")).status).toBe(200);
  });

  test("that is gone is 404 for every call", async () => {
    const { body: user } = await create(admin);
    expect((await h.call("DELETE", `/users/${user.id}`, { as: admin })).status).toBe(204);
    for (const [method, body] of [
      ["GET", undefined],
      ["PATCH", {}],
      ["DELETE", undefined],
    ] as const)
      expect((await h.call(method, `/users/${user.id}`, { as: admin, body })).status).toBe(404);
    expect((await h.call("GET", "/users/not-an-id", { as: admin })).status).toBe(404);
  });

  test("changed while it is deleted is changed or not there, and never half", async () => {
    for (let round = 0; round < 5; round++) {
      const { body: user } = await create(admin);
      const [changed, deleted] = await Promise.all([
        patch(admin, user.id, { email: `${user.username}@example.com` }),
        h.call("DELETE", `/users/${user.id}`, { as: admin }),
      ]);
      expect([200, 404]).toContain(changed.status);
      expect(deleted.status).toBe(204);
    }
  });

  test("list is newest first and pages without gaps", async () => {
    await create(admin);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await h.call("GET", `/users?limit=2${cursor}`, { as: admin });
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(seen.toSorted().toReversed());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain(admin.id);
  });
});

describe("escalation", () => {
  test("an admin neither makes an owner nor becomes one", async () => {
    const escalate = { status: 422, code: "cannot_escalate" };
    expect((await create(admin, { instance_role: "owner" })).body).toMatchObject(escalate);
    expect((await patch(admin, admin.id, { instance_role: "owner" })).body).toMatchObject(escalate);
  });

  test.each([
    ["PATCH", { password: "taken over by me!" }],
    ["PATCH", { email: "mine@example.com" }],
    ["PATCH", { instance_role: "member" }],
    ["PATCH", { is_active: false }],
    ["DELETE", undefined],
  ] as const)("an admin may not %s an owner (%j)", async (method, body) => {
    const owner = await h.person("owner");
    const answer = await h.call(method, `/users/${owner.id}`, { as: admin, body });
    expect(answer.body).toMatchObject({ status: 422, code: "cannot_escalate" });
    expect((await h.call("GET", "/auth/me", { as: owner })).status).toBe(200);
  });

  test("an owner may do all of it", async () => {
    const owner = await h.person("owner");
    expect((await create(owner, { instance_role: "owner" })).status).toBe(201);
  });

  test("a key sets no password, whatever its scopes", async () => {
    const { body: user } = await create(admin);
    const key = await h.key(admin, ["instance:admin"]);
    const answer = await h.call("PATCH", `/users/${user.id}`, {
      as: key,
      body: { password: PASSWORD },
    });
    expect(answer.body).toMatchObject({ status: 403, code: "session_required" });
    expect(
      (await h.call("PATCH", `/users/${user.id}`, { as: key, body: { email: null } })).status,
    ).toBe(200);
  });
});

test("the last active owner stays, also when two are taken away at once", async () => {
  const alone = await createHarness();
  try {
    const second = await alone.person("owner");
    const demote = (as: Person, id: string) =>
      alone.call("PATCH", `/users/${id}`, { as, body: { instance_role: "admin" } });
    const answers = await Promise.all([
      demote(alone.owner, second.id),
      demote(second, alone.owner.id),
      alone.call("DELETE", `/users/${second.id}`, { as: alone.owner }),
      alone.call("PATCH", `/users/${alone.owner.id}`, { as: second, body: { is_active: false } }),
    ]);
    expect(answers.filter(({ status }) => status < 300).length).toBeGreaterThan(0);
    const left = await alone.database
      .sql`select id from users where instance_role = 'owner' and is_active`;
    expect(left).toHaveLength(1);
    const survivor = left[0]?.["id"] === second.id ? second : alone.owner;
    for (const [method, body] of [
      ["PATCH", { instance_role: "member" }],
      ["PATCH", { is_active: false }],
      ["DELETE", undefined],
    ] as const) {
      const answer = await alone.call(method, `/users/${survivor.id}`, { as: survivor, body });
      expect(answer.body).toMatchObject({ status: 422, code: "last_owner" });
    }
  } finally {
    await alone.close();
  }
});
