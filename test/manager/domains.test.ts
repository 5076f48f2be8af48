import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import { statuses } from "./support/statuses.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness({ config: { publicBaseUrl: "https://cloud.platform.example" } });
});
afterAll(() => h.close());

let count = 0;
const host = () => `host-${++count}.example.com`;
const claim = (app: string, name: string, as: { token: string } = h.owner) =>
  h.call("POST", `/apps/${app}/domains`, { as, body: { host: name } });

async function appWithAdmin(): Promise<{ id: string; admin: Person }> {
  const { id } = await h.app();
  return { id, admin: await h.member(id, "app_admin") };
}

describe("a domain claim", () => {
  test("is stored in one normal form and listed", async () => {
    const { id } = await h.app();
    expect((await claim(id, "MÜNCHEN.Example.ORG.:443")).body).toMatchObject({
      host: "xn--mnchen-3ya.example.org",
      kind: "strict",
    });
    expect((await claim(id, "*.Shop.Example.ORG")).body).toMatchObject({
      host: "*.shop.example.org",
      kind: "wildcard",
    });
    const { body } = await h.call("GET", `/apps/${id}/domains`, { as: h.owner });
    expect(body.items.map((item: { host: string }) => item.host)).toEqual([
      "*.shop.example.org",
      "xn--mnchen-3ya.example.org",
    ]);
  });

  test.each([
    "",
    "a b",
    "http://a.example",
    "a.*.example",
    "**.example.com",
    "a..example",
    "-a.example",
  ])("of %p is 422", async (name) => {
    const { id } = await h.app();
    expect((await claim(id, name)).body).toMatchObject({ status: 422, code: "invalid_host" });
  });

  test("has one owner per shape, also when several claim at once", async () => {
    const name = host();
    const apps = await Promise.all([h.app(), h.app(), h.app()]);
    const answers = await Promise.all(apps.map(({ id }) => claim(id, name.toUpperCase())));
    expect(statuses(answers)).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("domain_taken");
  });

  test("under another app's wildcard, or over its name, needs app_admin of both", async () => {
    const [one, two] = [await appWithAdmin(), await appWithAdmin()];
    const base = `overlap-${++count}.example.net`;
    expect((await claim(one.id, `*.${base}`, one.admin)).status).toBe(201);
    expect((await claim(two.id, `a.b.${base}`, two.admin)).body).toMatchObject({
      status: 409,
      code: "domain_overlaps",
    });
    expect((await claim(two.id, `*.b.${base}`, two.admin)).body.code).toBe("domain_overlaps");
    expect((await claim(two.id, base, two.admin)).status).toBe(201);
    expect((await claim(two.id, `a.b.${base}`, h.owner)).status).toBe(201);
    await h.database
      .sql`insert into app_members (app_id, user_id, role) values (${one.id}, ${two.admin.id}, 'app_admin')`;
    expect((await claim(two.id, `c.${base}`, two.admin)).status).toBe(201);
  });

  test("of an address, a public suffix's wildcard or the platform's own host is for instance admins", async () => {
    const { id, admin } = await appWithAdmin();
    for (const name of [
      "192.0.2.1",
      "[2001:db8::1]",
      "*.co.uk",
      "*.github.io",
      "cloud.platform.example",
      "*.platform.example",
    ]) {
      expect((await claim(id, name, admin)).body).toMatchObject({
        status: 422,
        code: "host_reserved",
      });
    }
    expect((await claim(id, "192.0.2.1", h.owner)).status).toBe(201);
  });

  test("is not given up while a route names its host, unless another claim covers it", async () => {
    const { id } = await h.app();
    const name = host();
    const { body: domain } = await claim(id, name);
    const script = await h.script(id);
    const { body: route } = await h.call("POST", `/scripts/${script.id}/routes`, {
      as: h.owner,
      body: { path: "/a", host: name },
    });
    const release = () => h.call("DELETE", `/apps/${id}/domains/${domain.id}`, { as: h.owner });
    expect((await release()).body).toMatchObject({
      status: 409,
      code: "has_routes",
      route_count: 1,
    });
    await claim(id, `*.${name.slice(name.indexOf(".") + 1)}`);
    expect((await release()).status).toBe(204);
    expect((await release()).status).toBe(404);
    expect((await h.call("DELETE", `/routes/${route.id}`, { as: h.owner })).status).toBe(204);
  });

  test("of another app is not found under this one", async () => {
    const [one, two] = [await h.app(), await h.app()];
    const { body: domain } = await claim(one.id, host());
    expect(
      (await h.call("DELETE", `/apps/${two.id}/domains/${domain.id}`, { as: h.owner })).status,
    ).toBe(404);
  });
});
