import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import { stepOf } from "../../src/manager/totp/codes.ts";
import { createPasswordHasher } from "../../src/manager/sessions/password-hasher.ts";
import { resetPassword } from "../../src/manager/rescue/rescue.ts";
import { createHarness, PASSWORD } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const STEP_MS = 30_000;
const codeOf = (secret: string, atMs = h.clock.now()): string =>
  new TOTP({ secret: Secret.fromBase32(secret), period: 30 }).generate({ timestamp: atMs });
const wrongCodeOf = (secret: string): string => {
  const near = [-1, 0, 1].map((step) => codeOf(secret, h.clock.now() + step * STEP_MS));
  return ["000000", "111111", "222222", "333333"].find((code) => !near.includes(code)) ?? "";
};
const login = (person: Person, totp?: string, password = PASSWORD) =>
  h.call("POST", "/auth/login", {
    body: { username: person.username, password, ...(totp === undefined ? {} : { totp }) },
  });
const begin = (person: Person, password = PASSWORD) =>
  h.call("POST", "/auth/totp", { as: person, body: { password } });
const enable = (person: Person, totp: string) =>
  h.call("POST", "/auth/totp:enable", { as: person, body: { totp } });

async function enrolled(): Promise<{ person: Person; secret: string }> {
  const person = await h.person("member");
  const { secret } = (await begin(person)).body;
  expect((await enable(person, codeOf(secret))).status).toBe(200);
  // The code that enabled it is spent.
  h.clock.advance(STEP_MS);
  return { person, secret };
}

describe("codes", () => {
  // The SHA-1 vectors of RFC 6238, appendix B, to six digits.
  test.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("are those of the RFC at %d s", (seconds, code) => {
    const secret = new Secret({ buffer: new TextEncoder().encode("12345678901234567890").buffer });
    expect(stepOf(secret.base32, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
    expect(stepOf(secret.base32, code, seconds * 1000 + STEP_MS)).toBe(Math.floor(seconds / 30));
    expect(stepOf(secret.base32, code, seconds * 1000 + 2 * STEP_MS)).toBeNull();
  });
});

describe("a second factor", () => {
  test("is begun with the password and asked for only after its first code", async () => {
    const person = await h.person("member");
    expect((await begin(person, "not the password")).body.code).toBe("wrong_password");
    expect((await enable(person, "123456")).body.code).toBe("totp_not_begun");
    const { body, status } = await begin(person);
    expect(status).toBe(201);
    expect(body.otpauth_url).toStartWith("otpauth://totp/PiCloud:");
    expect(body.otpauth_url).toContain(`secret=${body.secret}`);
    expect((await login(person)).status).toBe(200);
    expect((await enable(person, wrongCodeOf(body.secret))).body.code).toBe("wrong_totp");
    expect((await enable(person, codeOf(body.secret))).body).toMatchObject({ enabled: true });
    expect((await login(person)).body.code).toBe("totp_required");
    expect((await begin(person)).body.code).toBe("totp_enabled");
  });

  test("lies encrypted in the database, and in no audit row", async () => {
    const { person, secret } = await enrolled();
    const [row] = await h.database.sql`select totp_secret from users where id = ${person.id}`;
    expect(Buffer.from(row?.["totp_secret"]).toString("latin1")).not.toContain(secret);
    const rows = await h.database.sql`select * from audit where actor_id = ${person.id}`;
    expect(rows.map(({ action }) => String(action))).toContain("user.totp_enable");
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  test("ends the sessions that were made without it, but for the one that set it up", async () => {
    const person = await h.person("member");
    const other = (await login(person)).body;
    const { secret } = (await begin(person)).body;
    await enable(person, codeOf(secret));
    expect((await h.call("GET", "/auth/me", { as: other })).status).toBe(401);
    expect((await h.call("GET", "/auth/me", { as: person })).status).toBe(200);
  });

  test("is asked for only after the password was right: a wrong one answers as ever", async () => {
    const { person } = await enrolled();
    const plain = await h.person("member");
    const wrong = await login(person, undefined, "not the password");
    const same = await login(plain, undefined, "not the password");
    expect({ ...wrong.body, request_id: "" }).toEqual({ ...same.body, request_id: "" });
    expect(wrong.body.code).toBe("unauthenticated");
    expect((await login(person)).body.code).toBe("totp_required");
  });

  test("takes each code once, also when two come at once", async () => {
    const { person, secret } = await enrolled();
    const code = codeOf(secret);
    const both = await Promise.all([login(person, code), login(person, code)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    expect((await login(person, code)).status).toBe(401);
    h.clock.advance(STEP_MS);
    expect((await login(person, code)).status).toBe(401);
    expect((await login(person, codeOf(secret))).status).toBe(200);
    // The clock of a phone may be a step ahead; what was before is over then.
    expect((await login(person, codeOf(secret, h.clock.now() + STEP_MS))).status).toBe(200);
    expect((await login(person, codeOf(secret))).status).toBe(401);
  });

  test("cannot be guessed: wrong codes are counted, and the right password forgives none of them", async () => {
    const { person, secret } = await enrolled();
    for (let index = 0; index < 5; index++) {
      await login(person);
      expect((await login(person, wrongCodeOf(secret))).status).toBe(401);
    }
    expect((await login(person, codeOf(secret))).status).toBe(429);
    h.clock.advance(60_000);
    expect((await login(person, codeOf(secret))).status).toBe(200);
  });

  test("is ended with password and code, and not without", async () => {
    const { person, secret } = await enrolled();
    const disable = (password: string, totp: string) =>
      h.call("POST", "/auth/totp:disable", { as: person, body: { password, totp } });
    expect((await disable("not the password", codeOf(secret))).body.code).toBe("wrong_password");
    expect((await disable(PASSWORD, wrongCodeOf(secret))).body.code).toBe("wrong_totp");
    expect((await login(person)).status).toBe(401);
    expect((await disable(PASSWORD, codeOf(secret))).status).toBe(204);
    expect((await login(person)).status).toBe(200);
  });

  test("goes with the password that is set at the machine", async () => {
    const { person } = await enrolled();
    const passwords = await createPasswordHasher({ memoryKib: 64, passes: 1 });
    await resetPassword(
      { database: h.database, passwords },
      person.username,
      "a brand new password",
    );
    expect((await login(person, undefined, "a brand new password")).status).toBe(200);
  });

  test("that is lost is taken away by an admin, who sees who has one", async () => {
    const { person } = await enrolled();
    const admin = await h.person("admin");
    expect((await h.call("GET", `/users/${person.id}`, { as: admin })).body.totp_enabled).toBe(
      true,
    );
    const change = (body: object) => h.call("PATCH", `/users/${person.id}`, { as: admin, body });
    expect((await change({ totp_enabled: true })).status).toBe(422);
    expect((await change({ totp_enabled: false })).body.totp_enabled).toBe(false);
    expect((await login(person)).status).toBe(200);
    const key = await h.key(admin, ["instance:admin"]);
    const byKey = await h.call("PATCH", `/users/${person.id}`, {
      as: key,
      body: { totp_enabled: false },
    });
    expect(byKey.body.code).toBe("session_required");
  });
});

describe("the setting that asks everybody for a second factor", () => {
  test("leaves a session without one nothing but to set it up, at once", async () => {
    const { person: ready } = await enrolled();
    const person = await h.person("member");
    const key = await h.key(person, ["script:read"]);
    const get = async (path: string, as: { token: string }) => await h.call("GET", path, { as });
    const require = (is: boolean) =>
      h.call("PATCH", "/settings", { as: h.owner, body: { require_totp: is } });
    expect((await get("/apps", person)).status).toBe(200);
    await require(true);
    for (const path of ["/apps", "/scripts", "/api-keys", "/auth/sessions", "/settings"])
      expect((await get(path, person)).body.code).toBe("totp_setup_required");
    const headers = new Headers({ authorization: `Bearer ${person.token}` });
    expect((await h.manager.callers.resolve(headers)).caller).toBeNull();
    expect((await get("/auth/me", person)).status).toBe(200);
    expect((await get("/auth/totp", person)).body).toEqual({
      enabled: false,
      enabled_at: null,
      required: true,
    });
    // Keys were made by those who were in; a session that is half in makes none.
    expect((await get("/apps", key)).status).toBe(200);
    const { secret } = (await begin(person)).body;
    await enable(person, codeOf(secret));
    expect((await get("/apps", person)).status).toBe(200);
    expect((await get("/auth/me", ready)).status).toBe(200);
    h.clock.advance(STEP_MS);
    const disable = { password: PASSWORD, totp: codeOf(secret) };
    const refused = await h.call("POST", "/auth/totp:disable", { as: person, body: disable });
    expect(refused.body.code).toBe("totp_needed");
    // The owner who set it is asked, too.
    expect((await require(false)).body.code).toBe("totp_setup_required");
    const own = (await begin(h.owner)).body.secret;
    await enable(h.owner, codeOf(own));
    expect((await require(false)).status).toBe(200);
  });
});
