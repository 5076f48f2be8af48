import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness, type Harness, type Person } from "./support/harness.ts";

let h: Harness;
let zone: Record<string, string[]> = {};
let isDown = false;
beforeAll(async () => {
  h = await createHarness({
    config: { domainOwnership: "dns" },
    resolveTxt: async (name) => {
      if (isDown) throw new Error("SERVFAIL");
      return zone[name] ?? [];
    },
  });
});
afterAll(() => h.close());

async function appWithAdmin(): Promise<{ id: string; admin: Person }> {
  zone = {};
  isDown = false;
  const { id } = await h.app();
  return { id, admin: await h.member(id, "app_admin") };
}
const claim = (app: string, host: string, as: { token: string }) =>
  h.call("POST", `/apps/${app}/domains`, { as, body: { host } });
const check = (app: string, host: string, as: { token: string }) =>
  h.call("POST", `/apps/${app}/domains:check`, { as, body: { host } });

describe("where ownership is proven by DNS", () => {
  test("a member is told the record, places it, and has the host", async () => {
    const { id, admin } = await appWithAdmin();
    const record = { name: "_picloud.shop.first.com", type: "TXT", value: `picloud-app=${id}` };
    expect((await check(id, "Shop.first.com.", admin)).body).toEqual({
      available: false,
      reason: "domain_unverified",
      host: "shop.first.com",
      record,
    });
    expect((await claim(id, "shop.first.com", admin)).body).toMatchObject({
      status: 422,
      code: "domain_unverified",
      record,
    });
    zone = { [record.name]: ["v=spf1 -all", record.value] };
    expect((await check(id, "shop.first.com", admin)).body).toEqual({
      available: true,
      host: "shop.first.com",
      record,
    });
    expect((await claim(id, "shop.first.com", admin)).status).toBe(201);
    expect((await check(id, "shop.first.com", admin)).body.reason).toBe("domain_taken");
  });

  test("a record of a domain speaks for all names and wildcards under it, and for one app only", async () => {
    const { id, admin } = await appWithAdmin();
    zone = { "_picloud.second.co.uk": [`picloud-app=${id}`] };
    expect((await claim(id, "a.b.second.co.uk", admin)).status).toBe(201);
    expect((await claim(id, "*.second.co.uk", admin)).status).toBe(201);
    const other = await h.app();
    const member = await h.member(other.id, "app_admin");
    zone = {
      "_picloud.third.com": [`picloud-app=${id}`],
      "_picloud.com": [`picloud-app=${other.id}`],
    };
    expect((await claim(other.id, "x.third.com", member)).body.code).toBe("domain_unverified");
  });

  test("an instance admin proves nothing", async () => {
    const { id } = await appWithAdmin();
    expect((await claim(id, "admin.example.net", h.owner)).status).toBe(201);
    expect((await check(id, "other.example.net", h.owner)).body).toEqual({
      available: true,
      host: "other.example.net",
    });
  });

  test("what no zone holds is for instance admins", async () => {
    const { id, admin } = await appWithAdmin();
    expect((await claim(id, "x.localhost", admin)).body.code).toBe("host_reserved");
  });

  test("a DNS that does not answer is 503, and nothing is claimed", async () => {
    const { id, admin } = await appWithAdmin();
    isDown = true;
    expect((await claim(id, "down.com", admin)).body).toMatchObject({
      status: 503,
      code: "dns_unavailable",
    });
    const { items } = (await h.call("GET", `/apps/${id}/domains`, { as: admin })).body;
    expect(items).toEqual([]);
  });
});
