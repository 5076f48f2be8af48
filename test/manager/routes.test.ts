import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
let app: { id: string; slug: string };
let script: { id: string };
let base: string;
let count = 0;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());
beforeEach(async () => {
  app = await h.app();
  script = await h.script(app.id);
  base = `r${++count}.example.com`;
  for (const host of [base, `*.${base}`])
    await h.call("POST", `/apps/${app.id}/domains`, { as: h.owner, body: { host } });
});

const add = (body: object, id = script.id) =>
  h.call("POST", `/scripts/${id}/routes`, { as: h.owner, body });
const check = async (body: object) =>
  (
    await h.call("POST", "/routes:check", {
      as: h.owner,
      body: { app_id: app.id, method: "*", ...body },
    })
  ).body;
const matchUrl = async (url: string, method = "GET", app_id?: string) =>
  (
    await h.call("POST", "/routes:match", {
      as: h.owner,
      body: { method, url, ...(app_id === undefined ? {} : { app_id }) },
    })
  ).body;

describe("a new route", () => {
  test("infers its kinds from the path and the host", async () => {
    expect((await add({ path: "/a" })).body).toMatchObject({
      path_kind: "exact",
      host_kind: "any",
      method: "*",
    });
    expect((await add({ path: "/a/*", method: "get" })).body).toMatchObject({
      path_kind: "prefix",
      method: "GET",
    });
    expect((await add({ path: "/a/:id", host: base.toUpperCase() })).body).toMatchObject({
      path_kind: "param",
      host_kind: "strict",
      host: base,
    });
    const wildcard = await add({
      path: "/w",
      host: `*.${base}`,
      host_param_name: "tenant",
      host_kind: "wildcard",
      path_kind: "exact",
    });
    expect(wildcard.body).toMatchObject({
      host_kind: "wildcard",
      host: `*.${base}`,
      host_param_name: "tenant",
    });
    const { body } = await h.call("GET", `/scripts/${script.id}/routes`, { as: h.owner });
    expect(body.items).toHaveLength(4);
  });

  test.each([
    ["", "empty"],
    ["a", "start with '/'"],
    ["/a:b", "colon"],
    ["/{id}", "{"],
    ["/a/*/b", "*"],
    ["/:a/:a", "a"],
    ["/api/x", "reserved"],
    ["/%61pi/x", "reserved"],
    ["/healthz", "reserved"],
  ])("with path %p is 422 with the reason", async (path, hint) => {
    const { body } = await add({ path });
    expect(body).toMatchObject({ status: 422, code: "invalid_path" });
    expect(body.reason).toContain(hint);
  });

  test("whose kinds contradict its text is 422", async () => {
    expect((await add({ path: "/:id", path_kind: "exact" })).body.code).toBe("invalid_path");
    expect((await add({ path: "/a", host_kind: "strict" })).body).toMatchObject({
      code: "invalid",
      field: "host_kind",
    });
    expect((await add({ path: "/a", host: base, host_kind: "any" })).body).toMatchObject({
      code: "invalid",
      field: "host_kind",
    });
    expect((await add({ path: "/a", host: base, host_param_name: "x" })).body).toMatchObject({
      code: "invalid",
      field: "host_param_name",
    });
    expect((await add({ path: "/a", method: "BREW" })).body).toMatchObject({
      code: "invalid",
      field: "method",
    });
  });

  test("names only hosts that its app owns", async () => {
    expect((await add({ path: "/a", host: `deep.sub.${base}` })).status).toBe(201);
    expect((await add({ path: "/a", host: "other.example.org" })).body).toMatchObject({
      status: 422,
      code: "host_not_claimed",
    });
    expect((await add({ path: "/a", host: "not a host" })).body).toMatchObject({
      status: 422,
      code: "invalid_host",
    });
  });

  test("conflicts with one that matches the same requests, and is told which", async () => {
    const { body: first } = await add({ path: "/users/:id" });
    const second = await add({ path: "/:x/me" });
    expect(second.body).toMatchObject({
      status: 409,
      code: "route_conflict",
      conflicting_route: first,
    });
    expect(await check({ path: "/:x/me" })).toEqual({ ok: false, conflicting_route: first });
    expect(await check({ path: "/:x/me", method: "GET" })).toEqual({ ok: true });
    expect(await check({ path: "/:x/me", host: base })).toEqual({ ok: true });
    expect((await add({ path: "/users/*" })).status).toBe(201);
    expect((await add({ path: "/users/*" })).status).toBe(409);
    const other = await h.app();
    expect((await add({ path: "/users/:id" }, (await h.script(other.id)).id)).status).toBe(201);
  });

  test("added by several at once: of those that conflict, one wins", async () => {
    const answers = await Promise.all(
      ["/:a/x", "/y/:b", "/:c/:d", "/:e/x"].map((path) => add({ path, method: "POST" })),
    );
    const won = answers.filter(({ status }) => status === 201);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4 - won.length);
    expect(won.length).toBe(1);
  });

  test("of a script that is being deleted never stays behind", async () => {
    const { id } = await h.script(app.id);
    const [added, removed] = await Promise.all([
      add({ path: "/race" }, id),
      h.call("DELETE", `/scripts/${id}`, { as: h.owner }),
    ]);
    expect(removed.status).toBe(204);
    expect([201, 404]).toContain(added.status);
    expect(await h.database.sql`select 1 from routes where script_id = ${id}`).toHaveLength(0);
  });
});

describe("routes:match", () => {
  test("answers as the router does: strict host before wildcard, method, captures", async () => {
    await add({ path: "/p/*", host: `*.${base}`, host_param_name: "sub" });
    await add({ path: "/only", method: "POST", host: base });
    expect(await matchUrl(`http://a.b.${base}/p/x/y`)).toMatchObject({
      matched: true,
      rest: "x/y",
      host: { sub: "a.b" },
      params: {},
    });
    expect(await matchUrl(`http://${base}/only`, "post")).toMatchObject({ matched: true });
    expect(await matchUrl(`http://${base}/only`)).toMatchObject({
      matched: false,
      reason: "method_not_allowed",
      allow: ["POST"],
    });
    expect(await matchUrl(`http://${base}/none`)).toEqual({
      matched: false,
      reason: "no_route",
      app: { id: app.id, slug: app.slug },
    });
    expect(await matchUrl("http://nobody.example.org/")).toEqual({
      matched: false,
      reason: "no_host",
    });
    expect(await matchUrl(`http://${base}/api/v1/x`)).toEqual({
      matched: false,
      reason: "reserved",
    });
  });

  test("within one app ignores the claims of others", async () => {
    const other = await h.app();
    expect(await matchUrl(`http://${base}/x`, "GET", other.id)).toEqual({
      matched: false,
      reason: "no_host",
    });
    expect(await matchUrl(`http://${base}/x`, "GET", app.slug)).toMatchObject({
      reason: "no_route",
    });
  });

  test("says nothing of an app that the caller may not know", async () => {
    const stranger = await h.person("member");
    const ask = (url: string, more = {}) =>
      h.call("POST", "/routes:match", { as: stranger, body: { method: "GET", url, ...more } });
    expect((await ask(`http://${base}/x`)).body).toEqual({ matched: false, reason: "no_host" });
    expect((await ask(`http://${base}/x`, { app_id: app.id })).status).toBe(404);
  });

  test("says of CONNECT and TRACE what the router does: they reach no script, not even by `*`", async () => {
    await add({ path: "/any-method", host: base });
    expect(await matchUrl(`http://${base}/any-method`, "PURGE")).toMatchObject({ matched: true });
    for (const method of ["CONNECT", "TRACE"])
      expect(await matchUrl(`http://${base}/any-method`, method)).toEqual({
        matched: false,
        reason: "method_not_supported",
      });
  });

  test.each(["", "/x", "nonsense", "mailto:a@b", "ftp://shop.test/a"])(
    "of %p is 422",
    async (url) => {
      expect(
        (await h.call("POST", "/routes:match", { as: h.owner, body: { method: "GET", url } })).body,
      ).toMatchObject({ status: 422, field: "url" });
    },
  );
});
