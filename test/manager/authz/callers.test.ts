import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import { createCallerResolver } from "../../../src/manager/authz/caller-resolver.ts";
import { CredentialCache } from "../../../src/manager/authz/credential-cache.ts";
import { keyPrefix, newKeyToken, newSessionToken } from "../../../src/manager/authz/tokens.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });
const resolve = async (headers: Headers) => await h.manager.callers.resolve(headers);

describe("the data plane's caller", () => {
  test("is the user of a session, by bearer and by cookie, and the owner of a key", async () => {
    const person = await h.person("admin");
    const asUser = { kind: "user", id: person.id, username: person.username, role: "admin" };
    expect((await resolve(bearer(person.token))).caller?.principal).toEqual(asUser as never);
    const cookie = new Headers({ cookie: `picloud_session=${person.token}` });
    expect((await resolve(cookie)).caller?.principal).toEqual(asUser as never);
    const key = await h.key(person, ["script:read"]);
    expect((await resolve(bearer(key.token))).caller?.principal).toEqual({
      ...asUser,
      kind: "api_key",
      id: key.id,
    } as never);
  });

  test("is nobody without a credential, at once, and with any that is not valid", async () => {
    expect(h.manager.callers.resolve(new Headers())).toEqual({ caller: null, fault: false });
    expect(h.manager.callers.resolve(bearer("a-tenants-own-token"))).toEqual({
      caller: null,
      fault: false,
    });
    for (const token of [newSessionToken(), newKeyToken()])
      expect(await resolve(bearer(token))).toEqual({ caller: null, fault: false });
  });

  test("may invoke by membership, scope and binding", async () => {
    const [app, other] = [await h.app(), await h.app()];
    const viewer = await h.member(app.id, "viewer");
    const may = async (token: string, appId: string) =>
      await (await resolve(bearer(token))).caller?.mayInvoke(appId);
    expect(await may(viewer.token, app.id)).toBe(true);
    expect(await may(viewer.token, other.id)).toBe(false);
    expect(await may(h.owner.token, other.id)).toBe(true);
    expect(await may((await h.key(viewer, ["log:read"])).token, app.id)).toBe(false);
    expect(await may((await h.key(viewer, ["script:read"])).token, app.id)).toBe(true);
    expect(await may((await h.key(h.owner, ["script:read"], other.id)).token, app.id)).toBe(false);
  });

  test("of a database that is away is unknown, waits once, and is no error", async () => {
    const person = await h.person("member");
    // Takes connections and never answers, as a machine does that hangs.
    const silent = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: () => undefined },
    });
    const away = connectDatabase({
      url: `postgres://nobody@127.0.0.1:${silent.port}/none`,
      poolSize: 1,
    });
    const { clock, deps } = { clock: h.clock, deps: h.manager.deps };
    const cache = new CredentialCache({
      db: away.db,
      passwords: deps.passwords,
      clock,
      logger: deps.logger,
      sessionTtlMs: 1000,
    });
    const callers = createCallerResolver(cache, clock);
    const timed = async () => {
      const from = performance.now();
      expect(await callers.resolve(bearer(person.token))).toEqual({ caller: null, fault: true });
      return performance.now() - from;
    };
    expect(await timed()).toBeGreaterThan(40);
    // The first wait is the only one: what follows is far below it.
    expect(await timed()).toBeLessThan(40);
    await away.sql.end({ timeout: 0 });
    silent.stop(true);
  });
});

describe("a database that hangs for a while", () => {
  test("costs a request 50 ms once and never an error, and is asked again later", async () => {
    const person = await h.person("member");
    const blocker = connectDatabase({ url: h.url, poolSize: 1 });
    const held = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = blocker.sql.begin(async (sql) => {
      await sql`lock table sessions in access exclusive mode`;
      locked.resolve();
      await held.promise;
    });
    await locked.promise;
    const from = performance.now();
    expect(await resolve(bearer(person.token))).toEqual({ caller: null, fault: true });
    expect(performance.now() - from).toBeGreaterThan(40);
    const again = performance.now();
    for (let request = 0; request < 20; request++)
      expect(await resolve(bearer(person.token))).toEqual({ caller: null, fault: true });
    // Twenty waits would take a second.
    expect(performance.now() - again).toBeLessThan(500);
    held.resolve();
    await holding;
    await blocker.close();
    h.clock.advance(2001);
    expect((await resolve(bearer(person.token))).caller?.principal.id).toBe(person.id);
  });

  test("and one that refuses connections is unknown at once, without an error", async () => {
    const away = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/none", poolSize: 1 });
    const { passwords, logger } = h.manager.deps;
    const options = { db: away.db, passwords, clock: h.clock, logger, sessionTtlMs: 1000 };
    const callers = createCallerResolver(new CredentialCache(options), h.clock);
    for (const token of [newSessionToken(), newKeyToken()])
      expect(await callers.resolve(bearer(token))).toEqual({ caller: null, fault: true });
    await away.sql.end({ timeout: 0 });
  });
});

describe("a credential that was just used", () => {
  test("stays good for seconds without the database, and ends at once when it is revoked", async () => {
    const person = await h.person("member");
    const headers = bearer(person.token);
    expect((await resolve(headers)).caller).not.toBeNull();
    await h.database.sql`delete from sessions where user_id = ${person.id}`;
    expect((await resolve(headers)).caller).not.toBeNull();
    h.manager.deps.credentials.drop([{ kind: "user", rowId: person.id }]);
    expect((await resolve(headers)).caller).toBeNull();
  });

  test("of a membership that ended is dropped with its change", async () => {
    const app = await h.app();
    const viewer = await h.member(app.id, "viewer");
    const { caller } = await resolve(bearer(viewer.token));
    expect(await caller?.mayInvoke(app.id)).toBe(true);
    await h.database.sql`delete from app_members where user_id = ${viewer.id}`;
    expect(await caller?.mayInvoke(app.id)).toBe(true);
    h.manager.deps.credentials.drop([{ kind: "member", rowId: viewer.id }]);
    expect(await caller?.mayInvoke(app.id)).toBe(false);
  });

  test("ends at its own time", async () => {
    const key = await h.key(h.owner, ["script:read"]);
    const end = new Date(h.clock.now() + 2000);
    await h.database
      .sql`update api_keys set expires_at = ${end.toISOString()} where id = ${key.id}`;
    expect((await resolve(bearer(key.token))).caller).not.toBeNull();
    h.clock.advance(2001);
    expect((await resolve(bearer(key.token))).caller).toBeNull();
  });
});

describe("keys with one prefix", () => {
  test("are told apart by their hash", async () => {
    const { passwords } = h.manager.deps;
    const first = newKeyToken();
    const second = first.slice(0, 12) + newKeyToken().slice(12);
    const stranger = first.slice(0, 12) + newKeyToken().slice(12);
    expect(keyPrefix(first)).toBe(keyPrefix(second));
    const people = [await h.person("member"), await h.person("member")];
    for (const [index, token] of [first, second].entries()) {
      const hash = await passwords.hashKey(token);
      await h.database.sql`insert into api_keys (id, user_id, name, prefix, token_hash, scopes)
        values (${Bun.randomUUIDv7()}, ${people[index]?.id ?? ""}, 'n', ${keyPrefix(token)}, ${hash}, '{script:read}')`;
    }
    expect((await resolve(bearer(first))).caller?.principal.username).toBe(
      people[0]?.username ?? "",
    );
    expect((await resolve(bearer(second))).caller?.principal.username).toBe(
      people[1]?.username ?? "",
    );
    expect((await resolve(bearer(stranger))).caller).toBeNull();
  });
});
