import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness, PASSWORD } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";
import { until } from "./support/until.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const login = (username: string, password = PASSWORD, headers: Record<string, string> = {}) =>
  h.call("POST", "/auth/login", { body: { username, password }, headers });

describe("login", () => {
  test("gives a token, its end, the user and a cookie that pages cannot read", async () => {
    const { status, body, headers } = await login(h.owner.username.toUpperCase());
    expect(status).toBe(200);
    expect(body.token).toMatch(/^pcs_[A-Za-z0-9_-]{43}$/);
    expect(body.user).toEqual({
      id: h.owner.id,
      username: h.owner.username,
      instance_role: "owner",
      email: null,
    });
    expect(Date.parse(body.expires_at)).toBeGreaterThan(h.clock.now());
    const cookie = headers.get("set-cookie");
    expect(cookie).toContain("picloud_session=pcs_");
    for (const part of ["HttpOnly", "SameSite=Strict", "Path=/api/v1"])
      expect(cookie).toContain(part);
  });

  test("answers alike for a wrong password, an unknown name and an inactive user", async () => {
    const person = await h.person("member");
    await h.database.sql`update users set is_active = false where id = ${person.id}`;
    const answers = [
      await login(h.owner.username, "wrong password"),
      await login("nobody-here"),
      await login(person.username),
    ];
    const bodies = answers.map(({ status, body }) => ({ status, ...body, request_id: "" }));
    expect(bodies[0]).toMatchObject({ status: 401, code: "unauthenticated" });
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
  });

  test("is slowed for an account after repeated failures, and opens again by itself", async () => {
    const { username } = await h.person("member");
    for (let failure = 0; failure < 5; failure++)
      expect((await login(username, "wrong password")).status).toBe(401);
    const blocked = await login(username);
    expect(blocked.status).toBe(429);
    expect(blocked.body.code).toBe("too_many_attempts");
    const waitS = Number(blocked.headers.get("retry-after"));
    expect(waitS).toBeGreaterThan(0);
    h.clock.advance((waitS + 1) * 1000);
    expect((await login(username)).status).toBe(200);
    expect((await login(username, "wrong password")).status).toBe(401);
  });

  test("is slowed for an address that tries many names", async () => {
    const from = { address: "198.51.100.7" };
    const attempt = (username: string) =>
      h.call("POST", "/auth/login", { body: { username, password: "wrong password" }, ...from });
    const statuses = [];
    for (let n = 0; n < 31; n++) statuses.push((await attempt(`name-${n}`)).status);
    expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
    expect(statuses[30]).toBe(429);
    expect((await login(h.owner.username)).status).toBe(200);
  });

  test("from a page of another origin is refused; without an origin, or from this host, it is not", async () => {
    expect(
      (await login(h.owner.username, PASSWORD, { origin: "https://evil.example" })).body.code,
    ).toBe("origin_mismatch");
    expect((await login(h.owner.username, PASSWORD, { origin: "null" })).status).toBe(403);
    expect((await login(h.owner.username, PASSWORD, { origin: "http://localhost" })).status).toBe(
      200,
    );
  });
});

describe("a session", () => {
  test("says who asks, by bearer and by cookie", async () => {
    const person = await h.person("admin");
    const byBearer = await h.call("GET", "/auth/me", { as: person });
    expect(byBearer.body).toEqual({
      id: person.id,
      username: person.username,
      instance_role: "admin",
      email: null,
    });
    const byCookie = await h.call("GET", "/auth/me", {
      headers: { cookie: `a=b; picloud_session=${person.token}` },
    });
    expect(byCookie.body).toEqual(byBearer.body);
  });

  test("by cookie writes only from a page of this host or of the public base URL", async () => {
    const cookie = `picloud_session=${h.owner.token}`;
    const write = (headers: Record<string, string>) =>
      h.call("POST", "/apps/slug:check", { body: { slug: "x" }, headers: { cookie, ...headers } });
    expect((await write({})).body.code).toBe("origin_mismatch");
    expect((await write({ origin: "https://evil.example" })).status).toBe(403);
    expect((await write({ origin: "http://localhost:1234" })).status).toBe(403);
    expect((await write({ origin: "http://localhost" })).status).toBe(200);
  });

  test("ends with logout at once", async () => {
    const person = await h.person("member");
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(200);
    const out = await h.call("POST", "/auth/logout", { as: person });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(401);
  });

  test("slides with use, and ends without it", async () => {
    const person = await h.person("member");
    h.clock.advance(23 * 3_600_000);
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(200);
    // The new end is written in the background.
    await until(async () => {
      const [row] = await h.database
        .sql`select expires_at from sessions where user_id = ${person.id}`;
      return new Date(row?.["expires_at"]).getTime() > h.clock.now() + 23 * 3_600_000;
    });
    h.clock.advance(23 * 3_600_000);
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(200);
    h.clock.advance(25 * 3_600_000);
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(401);
  });

  test("is listed, and ended by its own user only", async () => {
    const person = await h.person("member");
    const other = await h.person("member");
    const second = (await login(person.username)).body.token;
    const { body } = await h.call("GET", "/auth/sessions", { as: person });
    expect(body.items.map((item: { current: boolean }) => item.current).toSorted()).toEqual([
      false,
      true,
    ]);
    const target = body.items.find((item: { current: boolean }) => !item.current);
    expect((await h.call("DELETE", `/auth/sessions/${target.id}`, { as: other })).status).toBe(404);
    expect((await h.call("DELETE", `/auth/sessions/${target.id}`, { as: person })).status).toBe(
      204,
    );
    expect((await h.call("DELETE", `/auth/sessions/${target.id}`, { as: person })).status).toBe(
      404,
    );
    expect((await h.call("GET", "/auth/me", { as: second })).status).toBe(401);
  });
});

describe("a new password", () => {
  test("ends the other sessions and keeps the present one", async () => {
    const person = await h.person("member");
    const other = (await login(person.username)).body.token;
    const body = { current_password: PASSWORD, new_password: "another good password" };
    expect((await h.call("POST", "/auth/password", { as: person, body })).status).toBe(204);
    expect((await h.call("GET", "/auth/me", { as: other })).status).toBe(401);
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(200);
    expect((await login(person.username)).status).toBe(401);
    expect((await login(person.username, "another good password")).status).toBe(200);
  });

  test("needs the current one, and 12 characters", async () => {
    const person = await h.person("member");
    const change = (current_password: string, new_password: string) =>
      h.call("POST", "/auth/password", { as: person, body: { current_password, new_password } });
    expect((await change("not the password", "another good password")).body.code).toBe(
      "wrong_password",
    );
    const short = await change(PASSWORD, "short");
    expect(short.body).toMatchObject({ status: 422, code: "invalid", field: "new_password" });
    expect(JSON.stringify(short.body)).not.toContain("short");
  });

  test("is not for an API key", async () => {
    const key = await h.key(h.owner, ["instance:admin"]);
    for (const [method, path] of [
      ["POST", "/auth/password"],
      ["GET", "/auth/sessions"],
      ["POST", "/auth/logout"],
    ] as const) {
      const answer = await h.call(method, path, {
        as: key,
        ...(method === "GET" ? {} : { body: {} }),
      });
      expect(answer.body).toMatchObject({ status: 403, code: "session_required" });
    }
  });
});
