/** Apps, slugs, domains, members, environment, egress and audit, row by row. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, Lab, RFC_3339 } from "../support/contract-lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const NOBODY = "01890000-0000-7000-8000-000000000000";

describe("apps", () => {
  test("an app has its fields, the same in every answer", async () => {
    const slug = lab.name("a");
    const made = await lab.api("POST", "/apps", { slug, name: "An app", description: "why" });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      slug,
      name: "An app",
      description: "why",
      my_role: "app_admin",
      created_at: expect.stringMatching(RFC_3339),
    });
    expect((await lab.api("GET", `/apps/${slug}`)).body).toEqual(made.body);
    expect((await lab.api("GET", `/apps/${made.body.id}`)).body).toEqual(made.body);
    const patched = await lab.api("PATCH", `/apps/${slug}`, { description: null, name: "B" });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({ id: made.body.id, name: "B", slug });
  });

  test.each(["", "-a", "a-", "A", "a_b", "a.b", "a".repeat(64), "ä", "a b", " a", "a\n", 5, null])(
    "the slug %p is 422",
    async (slug) => {
      expectProblem(await lab.api("POST", "/apps", { slug, name: "x" }), 422, /./u);
    },
  );

  test("a slug of 63 and of 1 are fine, and slug:check says what is free", async () => {
    for (const slug of ["z", `a${"-".repeat(61)}9`]) {
      expect((await lab.api("POST", "/apps/slug:check", { slug })).body).toMatchObject({
        available: true,
      });
      expect((await lab.api("POST", "/apps", { slug, name: "x" })).status).toBe(201);
      const check = await lab.api("POST", "/apps/slug:check", { slug });
      expect(check.status).toBe(200);
      expect(check.body).toMatchObject({ available: false, reason: expect.any(String) });
    }
    const invalid = await lab.api("POST", "/apps/slug:check", { slug: "-" });
    expect(invalid.status === 422 || invalid.body.available === false).toBe(true);
  });

  test("a taken slug is slug_taken; a former one slug_in_history, unless forced", async () => {
    const one = await lab.tenant();
    const two = await lab.tenant();
    expectProblem(await lab.api("POST", "/apps", { slug: one.slug, name: "x" }), 409, "slug_taken");
    expectProblem(
      await lab.api("PATCH", `/apps/${two.slug}`, { slug: one.slug }),
      409,
      "slug_taken",
    );
    expectProblem(
      await lab.api("PATCH", `/apps/${two.slug}`, { slug: one.slug, force: true }),
      409,
      "slug_taken",
    );
    const fresh = lab.name("fresh");
    expect((await lab.api("PATCH", `/apps/${one.slug}`, { slug: fresh })).body.slug).toBe(fresh);
    const redirected = await lab.api("GET", `/apps/${one.slug}`);
    const direct = await lab.api("GET", `/apps/${fresh}`);
    expect(redirected.body).toEqual({ ...direct.body, slug_redirect: fresh });
    expect(direct.body).not.toHaveProperty("slug_redirect");
    expectProblem(
      await lab.api("POST", "/apps", { slug: one.slug, name: "x" }),
      409,
      "slug_in_history",
    );
    expectProblem(
      await lab.api("PATCH", `/apps/${two.slug}`, { slug: one.slug }),
      409,
      "slug_in_history",
    );
    expect((await lab.api("POST", "/apps/slug:check", { slug: one.slug })).body.available).toBe(
      false,
    );
    const forced = await lab.api("PATCH", `/apps/${two.slug}`, { slug: one.slug, force: true });
    expect({ status: forced.status, slug: forced.body.slug }).toEqual({
      status: 200,
      slug: one.slug,
    });
    expect((await lab.api("GET", `/apps/${one.slug}`)).body.id).toBe(two.id);
    const back = await lab.api("PATCH", `/apps/${fresh}`, { slug: lab.name("again") });
    expect(back.status).toBe(200);
    expect((await lab.api("PATCH", `/apps/${one.id}`, { slug: fresh })).status).toBe(200);
  });

  test("a former slug works in every call below the app, and in ?app=", async () => {
    const app = await lab.tenant();
    const fresh = lab.name("renamed");
    await lab.api("PATCH", `/apps/${app.slug}`, { slug: fresh });
    for (const path of ["domains", "members", "env", "logs", "metrics", "egress"])
      expect({ path, status: (await lab.api("GET", `/apps/${app.slug}/${path}`)).status }).toEqual({
        path,
        status: 200,
      });
    expect((await lab.api("GET", `/scripts?app=${app.slug}`)).status).toBe(200);
    expect((await lab.api("PUT", `/apps/${app.slug}/env/A`, { value: "1" })).status).toBe(200);
  });

  test("a delete needs force while there are scripts or data, then takes all with it", async () => {
    const { slug, script, host } = await lab.deploy("export default () => 1;");
    const refused = await lab.api("DELETE", `/apps/${slug}`);
    expectProblem(refused, 409, "has_scripts", { script_count: 1 });
    expectProblem(await lab.api("DELETE", `/apps/${slug}?force=false`), 409, "has_scripts");
    expect((await lab.api("DELETE", `/apps/${slug}?force=true`)).status).toBe(204);
    expect((await lab.api("GET", `/apps/${slug}`)).status).toBe(404);
    expect((await lab.api("GET", `/scripts/${script.id}`)).status).toBe(404);
    expect((await lab.ask(host, "/")).status).toBe(404);
    expect((await lab.raw("GET", `/api/v1/execute/${script.id}`)).status).toBe(404);
    const other = await lab.tenant();
    expect((await lab.api("POST", `/apps/${other.slug}/domains`, { host })).status).toBe(201);
    const empty = await lab.api("POST", "/apps", { slug: lab.name("e"), name: "e" });
    expect((await lab.api("DELETE", `/apps/${empty.body.id}`)).status).toBe(204);
  });

  test("apps that one may not read are not listed", async () => {
    const mine = await lab.tenant();
    await lab.tenant();
    const viewer = await lab.member(mine, "viewer");
    const list = await lab.call(viewer.token, "GET", "/apps");
    expect(list.body.items).toMatchObject([{ id: mine.id, my_role: "viewer" }]);
    expect(list.body.items).toHaveLength(1);
  });
});

describe("domains", () => {
  test("a domain has id, host, kind, created_at, and the host is normalised", async () => {
    const app = await lab.tenant();
    const strict = await lab.api("POST", `/apps/${app.id}/domains`, {
      host: `${app.slug.toUpperCase()}.Example.ORG`,
    });
    expect(strict.status).toBe(201);
    expect(strict.body).toMatchObject({
      host: `${app.slug}.example.org`,
      kind: "strict",
      created_at: expect.stringMatching(RFC_3339),
    });
    const wildcard = await lab.api("POST", `/apps/${app.id}/domains`, {
      host: `*.${app.slug}.example.org`,
    });
    expect(wildcard.body).toMatchObject({ kind: "wildcard" });
    expectProblem(
      await lab.api("POST", `/apps/${app.id}/domains`, { host: app.host }),
      409,
      "domain_taken",
    );
    const other = await lab.tenant();
    expectProblem(
      await lab.api("POST", `/apps/${other.id}/domains`, { host: app.host.toUpperCase() }),
      409,
      "domain_taken",
    );
  });

  test.each([
    "",
    ".",
    "a..b",
    "-a.example.com",
    "*",
    "*.*.example.com",
    "a.*.com",
    "http://a.example.com",
    "a b.com",
    "a/b",
    "x".repeat(64) + ".com",
    `${"a.".repeat(130)}com`,
    5,
  ])("the host %p is 422", async (host) => {
    const app = await lab.tenant();
    expectProblem(await lab.api("POST", `/apps/${app.id}/domains`, { host }), 422, /./u);
  });

  test("a name under another app's wildcard overlaps, and the other way round, unless one is app_admin of both", async () => {
    const mine = await lab.tenant();
    const other = await lab.tenant();
    const admin = await lab.member(mine, "app_admin");
    const by = (host: string) =>
      lab.call(admin.token, "POST", `/apps/${mine.id}/domains`, { host });
    await lab.api("POST", `/apps/${other.id}/domains`, { host: `*.${other.slug}.org` });
    await lab.api("POST", `/apps/${other.id}/domains`, { host: `deep.x.${other.slug}.net` });
    expectProblem(await by(`shop.${other.slug}.org`), 409, "domain_overlaps");
    expectProblem(await by(`a.shop.${other.slug}.org`), 409, "domain_overlaps");
    expectProblem(await by(`*.${other.slug}.net`), 409, "domain_overlaps");
    expectProblem(await by(`*.x.${other.slug}.org`), 409, "domain_overlaps");
    expectProblem(await by(`*.${other.slug}.org`), 409, "domain_taken");
    await lab.api("POST", `/apps/${other.id}/members`, { user_id: admin.id, role: "app_admin" });
    expect((await by(`shop.${other.slug}.org`)).status).toBe(201);
    expect(
      (await lab.api("POST", `/apps/${mine.id}/domains`, { host: `*.${other.slug}.net` })).status,
    ).toBe(201);
  });

  test("the platform's hosts, IP literals and public suffixes are reserved, but not for an instance admin", async () => {
    const app = await lab.tenant();
    const admin = await lab.member(app, "app_admin");
    for (const host of [
      "127.0.0.1",
      "10.1.2.3",
      "[::1]",
      "*.com",
      "*.co.uk",
      "*.github.io",
      "localhost",
      "0x7f.1",
    ]) {
      const reply = await lab.call(admin.token, "POST", `/apps/${app.id}/domains`, { host });
      expect({ host, status: reply.status, code: reply.body?.code }).toEqual({
        host,
        status: host === "localhost" ? reply.status : 422,
        code: host === "localhost" ? reply.body?.code : "host_reserved",
      });
    }
    expect((await lab.api("POST", `/apps/${app.id}/domains`, { host: "10.9.8.7" })).status).toBe(
      201,
    );
    expect((await lab.api("POST", `/apps/${app.id}/domains`, { host: "*.co.nz" })).status).toBe(
      201,
    );
  });

  test("a delete is has_routes while a route needs it", async () => {
    const { slug, host, script } = await lab.deploy("export default () => 1;");
    const extra = `x.${host}`;
    const domain = await lab.api("POST", `/apps/${slug}/domains`, { host: extra });
    const route = await lab.api("POST", `/scripts/${script.id}/routes`, {
      path: "/h",
      host: extra,
    });
    expect(route.status).toBe(201);
    expectProblem(
      await lab.api("DELETE", `/apps/${slug}/domains/${domain.body.id}`),
      409,
      "has_routes",
    );
    expect((await lab.ask(extra, "/h")).status).toBe(200);
    expect((await lab.api("DELETE", `/routes/${route.body.id}`)).status).toBe(204);
    expect((await lab.api("DELETE", `/apps/${slug}/domains/${domain.body.id}`)).status).toBe(204);
    expect((await lab.ask(extra, "/h")).status).toBe(404);
    expect((await lab.api("DELETE", `/apps/${slug}/domains/${domain.body.id}`)).status).toBe(404);
    const other = await lab.tenant();
    const foreign = await lab.api("GET", `/apps/${other.slug}/domains`);
    expect(
      (await lab.api("DELETE", `/apps/${slug}/domains/${foreign.body.items[0].id}`)).status,
    ).toBe(404);
  });
});

describe("members", () => {
  test("the rows of the table", async () => {
    const app = await lab.tenant();
    const person = await lab.person();
    const path = `/apps/${app.id}/members`;
    const added = await lab.api("POST", path, { user_id: person.id, role: "viewer" });
    expect(added.status).toBe(201);
    const row = {
      user_id: person.id,
      username: person.username,
      email: null,
      instance_role: "member",
      is_active: true,
      role: "viewer",
    };
    expect(added.body).toMatchObject(row);
    expect((await lab.api("GET", path)).body.items).toMatchObject([row]);
    expectProblem(
      await lab.api("POST", path, { user_id: person.id, role: "editor" }),
      409,
      "already_member",
    );
    const changed = await lab.api("PATCH", `${path}/${person.id}`, { role: "editor" });
    expect({ status: changed.status, role: changed.body.role }).toEqual({
      status: 200,
      role: "editor",
    });
    expectProblem(await lab.api("PATCH", `${path}/${NOBODY}`, { role: "editor" }), 404, /./u);
    const inactive = await lab.person();
    await lab.api("PATCH", `/users/${inactive.id}`, { is_active: false });
    expectProblem(await lab.api("POST", path, { user_id: inactive.id, role: "viewer" }), 422, /./u);
    const admin = await lab.person("admin");
    expectProblem(await lab.api("POST", path, { user_id: admin.id, role: "viewer" }), 422, /./u);
    expect((await lab.api("POST", path, { user_id: NOBODY, role: "viewer" })).status).toBeOneOf([
      404, 422,
    ]);
    expectProblem(await lab.api("POST", path, { user_id: person.id, role: "owner" }), 422, /./u);
    expect((await lab.api("DELETE", `${path}/${person.id}`)).status).toBe(204);
    expect((await lab.api("DELETE", `${path}/${person.id}`)).status).toBe(204);
    expect((await lab.api("DELETE", `${path}/${NOBODY}`)).status).toBe(204);
    expect((await lab.call(person.token, "GET", `/apps/${app.id}`)).status).toBe(404);
  });

  test("one may remove oneself, whatever one's role, and nobody else", async () => {
    const app = await lab.tenant();
    const viewer = await lab.member(app, "viewer");
    const other = await lab.member(app, "viewer");
    expect(
      (await lab.call(viewer.token, "DELETE", `/apps/${app.id}/members/${other.id}`)).status,
    ).toBe(403);
    expect(
      (await lab.call(viewer.token, "DELETE", `/apps/${app.id}/members/${viewer.id}`)).status,
    ).toBe(204);
    expect((await lab.call(viewer.token, "GET", `/apps/${app.id}`)).status).toBe(404);
    const admin = await lab.member(app, "app_admin");
    expect(
      (await lab.call(admin.token, "DELETE", `/apps/${app.id}/members/${admin.id}`)).status,
    ).toBe(204);
  });
});

describe("environment", () => {
  const show =
    "export default () => ({ a: Deno.env.get('A') ?? null, has: Deno.env.has('A'), all: Deno.env.toObject() });";

  test("a value is in force with the next request, and gone with the next after a delete", async () => {
    const { slug, host } = await lab.deploy(show);
    expect((await lab.ask(host, "/")).body).toEqual({ a: null, has: false, all: {} });
    for (const value of ["1", "2", ""]) {
      const put = await lab.api("PUT", `/apps/${slug}/env/A`, { value });
      expect({ status: put.status, body: put.body }).toMatchObject({
        status: 200,
        body: { name: "A", secret: false, value, updated_at: expect.stringMatching(RFC_3339) },
      });
      expect((await lab.ask(host, "/")).body).toEqual({ a: value, has: true, all: { A: value } });
    }
    expect((await lab.api("DELETE", `/apps/${slug}/env/A`)).status).toBe(204);
    expect((await lab.ask(host, "/")).body.a).toBeNull();
    expect((await lab.api("DELETE", `/apps/${slug}/env/A`)).status).toBeOneOf([204, 404]);
  });

  test("a value read at evaluation is in force with the next request too", async () => {
    const { slug, host } = await lab.deploy(
      "const a = Deno.env.get('A') ?? 'none'; export default () => a;",
    );
    expect((await lab.ask(host, "/")).body).toBe("none");
    await lab.api("PUT", `/apps/${slug}/env/A`, { value: "now" });
    expect((await lab.ask(host, "/")).body).toBe("now");
  });

  test("a secret is never read back, and never in a record", async () => {
    const secret = "s3cr3t-v4lue-of-the-app";
    const { slug, host, script } = await lab.deploy(
      `export default { fetch(req) { const s = Deno.env.get("S"); console.log("with " + s, { s }, s); if (req.url.endsWith("/throw")) throw new Error("has " + s); return new Response("body " + s, { headers: { "x-s": s } }); } };`,
    );
    const put = await lab.api("PUT", `/apps/${slug}/env/S`, { value: secret, secret: true });
    expect(put.status).toBe(200);
    expect(put.text).not.toContain(secret);
    const list = await lab.api("GET", `/apps/${slug}/env`);
    expect(list.body.items).toMatchObject([{ name: "S", secret: true }]);
    expect(list.text).not.toContain(secret);
    expect(
      (await lab.ask(host, `/${secret}?q=${secret}`, { headers: { authorization: secret } })).text,
    ).toBe(`body ${secret}`);
    await lab.ask(host, "/throw");
    await lab.record(script.id, 2);
    const logs = await lab.api("GET", `/scripts/${script.id}/logs`);
    expect(logs.text).not.toContain(secret);
    expect((await lab.api("GET", "/audit")).text).not.toContain(secret);
  });

  test.each(["1A", "A-B", "A.B", "", "A".repeat(129), "%C3%84"])(
    "the name %p is refused",
    async (name) => {
      const app = await lab.tenant();
      expect(
        (await lab.api("PUT", `/apps/${app.id}/env/${name}`, { value: "1" })).status,
      ).toBeOneOf([404, 405, 422]);
    },
  );

  test("values that are no strings are 422, and a name of 128 is fine", async () => {
    const app = await lab.tenant();
    for (const value of [1, null, true, {}, undefined])
      expectProblem(await lab.api("PUT", `/apps/${app.id}/env/A`, { value }), 422, /./u);
    expect(
      (await lab.api("PUT", `/apps/${app.id}/env/_${"A".repeat(127)}`, { value: "1" })).status,
    ).toBe(200);
    expect((await lab.api("PUT", `/apps/${app.id}/env/B`, { value: "ä\n\t€" })).body.value).toBe(
      "ä\n\t€",
    );
  });

  test("an editor may not turn a secret into a plain value or read it so", async () => {
    const app = await lab.tenant();
    await lab.api("PUT", `/apps/${app.id}/env/S`, { value: "hidden-value", secret: true });
    const editor = await lab.member(app, "editor");
    expect(
      (await lab.call(editor.token, "PUT", `/apps/${app.id}/env/S`, { value: "x" })).status,
    ).toBe(403);
    expect((await lab.call(editor.token, "DELETE", `/apps/${app.id}/env/S`)).status).toBe(403);
  });
});

describe("egress and audit", () => {
  test("egress is read and written whole; nonsense is 422", async () => {
    const app = await lab.tenant();
    expect((await lab.api("GET", `/apps/${app.id}/egress`)).body).toMatchObject({
      allow: [],
      deny: [],
    });
    const rules = { allow: [], deny: ["203.0.113.0/24", "*.evil.example", "2001:db8::/32"] };
    const put = await lab.api("PUT", `/apps/${app.id}/egress`, rules);
    expect({ status: put.status, body: put.body }).toMatchObject({ status: 200, body: rules });
    expect((await lab.api("GET", `/apps/${app.id}/egress`)).body).toMatchObject(rules);
    for (const bad of ["10.0.0.0/33", "300.1.1.1", "a b", "", "*", "1.2.3.4/-1", "::1/129"]) {
      const reply = await lab.api("PUT", `/apps/${app.id}/egress`, { allow: [], deny: [bad] });
      expect({ bad, status: reply.status }).toEqual({
        bad,
        status: bad === "*" ? reply.status : 422,
      });
    }
  });

  test("audit rows have their fields, and filters by app, actor and since", async () => {
    const app = await lab.tenant();
    const me = await lab.api("GET", "/auth/me");
    await lab.api("PUT", `/apps/${app.id}/env/A`, { value: "1" });
    const { body } = await lab.api("GET", `/audit?app=${app.slug}`);
    expect(body.items.length).toBeGreaterThanOrEqual(3);
    for (const row of body.items) {
      for (const field of [
        "id",
        "at",
        "actor",
        "action",
        "target",
        "app_id",
        "request_id",
        "address",
        "before",
        "after",
      ])
        expect(row).toHaveProperty(field);
      expect(row.app_id).toBe(app.id);
      expect(row.at).toMatch(RFC_3339);
    }
    const ats = body.items.map((row: { at: string }) => row.at);
    expect(ats).toEqual(ats.toSorted().toReversed());
    const since = await lab.api("GET", `/audit?app=${app.id}&since=${encodeURIComponent(ats[0])}`);
    expect(since.body.items.length).toBeLessThan(body.items.length);
    expect(since.body.items.length).toBeGreaterThan(0);
    expect((await lab.api("GET", `/audit?actor=${me.body.id}&limit=1`)).body.items).toHaveLength(1);
    expectProblem(await lab.api("GET", "/audit?since=yesterday"), 422, /./u);
    expect((await lab.api("GET", "/audit?app=no-such-app")).status).toBeOneOf([404, 200]);
  });
});
