import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import { statuses } from "./support/statuses.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

let count = 0;
const newSlug = () => `slug-${++count}`;
const create = (slug: string) =>
  h.call("POST", "/apps", { as: h.owner, body: { slug, name: "N" } });
const rename = (from: string, slug: string, force?: boolean) =>
  h.call("PATCH", `/apps/${from}`, {
    as: h.owner,
    body: { slug, ...(force === undefined ? {} : { force }) },
  });

describe("an app", () => {
  test("is made by owner and admin, and by no member", async () => {
    const [admin, member] = [await h.person("admin"), await h.person("member")];
    const as = (who: { token: string }) =>
      h.call("POST", "/apps", { as: who, body: { slug: newSlug(), name: "N", description: "D" } });
    expect((await as(admin)).body).toMatchObject({
      name: "N",
      description: "D",
      my_role: "app_admin",
    });
    expect((await as(member)).body).toMatchObject({ status: 403, code: "forbidden" });
    expect((await h.call("POST", "/apps", { body: { slug: newSlug(), name: "N" } })).status).toBe(
      401,
    );
  });

  test.each(["", "-a", "a-", "A", "a_b", "a".repeat(64), "é"])("has no slug %p", async (slug) => {
    expect((await create(slug)).body).toMatchObject({ status: 422, field: "slug" });
  });

  test("has a slug of its own, also when two are made at once", async () => {
    const slug = newSlug();
    const answers = await Promise.all([create(slug), create(slug), create(slug)]);
    expect(statuses(answers)).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("slug_taken");
  });

  test("answers by id, by slug and by former slugs, which say where it is now", async () => {
    const [first, second, third] = [newSlug(), newSlug(), newSlug()];
    const { body: app } = await create(first);
    await rename(first, second);
    await rename(second, third);
    const get = async (name: string) =>
      (await h.call("GET", `/apps/${name}`, { as: h.owner })).body;
    const present = await get(third);
    expect(present.slug_redirect).toBeUndefined();
    expect(await get(app.id)).toEqual(present);
    expect(await get(first)).toEqual({ ...present, slug_redirect: third });
    expect(await get(second)).toEqual({ ...present, slug_redirect: third });
    expect((await rename(first, first)).body.slug).toBe(first);
    expect((await get(first)).slug_redirect).toBeUndefined();
    expect((await get(third)).slug_redirect).toBe(first);
  });

  test("says where it is now on every call that names it by a former slug", async () => {
    const [old, present] = [newSlug(), newSlug()];
    await create(old);
    await rename(old, present);
    const paths = ["domains", "members", "logs", "metrics", "env", "egress"];
    for (const path of paths) {
      const answer = await h.call("GET", `/apps/${old}/${path}`, { as: h.owner });
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      const plain = await h.call("GET", `/apps/${present}/${path}`, { as: h.owner });
      expect(answer.body).toEqual({ ...plain.body, slug_redirect: present });
    }
    for (const list of ["scripts", "audit"]) {
      const answer = await h.call("GET", `/${list}?app=${old}&limit=1`, { as: h.owner });
      const plain = await h.call("GET", `/${list}?app=${present}&limit=1`, { as: h.owner });
      expect(plain.body).not.toHaveProperty("slug_redirect");
      expect(answer.body).toEqual({ ...plain.body, slug_redirect: present });
    }
    const claimed = await h.call("POST", `/apps/${old}/domains`, {
      as: h.owner,
      body: { host: `${old}.example.com` },
    });
    expect(claimed.body).toMatchObject({ host: `${old}.example.com`, slug_redirect: present });
  });

  test("takes a former slug of another app only by force, and then the other one no longer answers there", async () => {
    const [old, present, taker] = [newSlug(), newSlug(), newSlug()];
    await create(old);
    await rename(old, present);
    await create(taker);
    expect((await create(old)).body).toMatchObject({ status: 409, code: "slug_in_history" });
    expect((await rename(taker, old)).body).toMatchObject({ status: 409, code: "slug_in_history" });
    expect((await rename(taker, present, true)).body).toMatchObject({
      status: 409,
      code: "slug_taken",
    });
    expect((await rename(taker, old, true)).status).toBe(200);
    expect((await h.call("GET", `/apps/${old}`, { as: h.owner })).body.slug).toBe(old);
    expect((await h.call("GET", `/apps/${taker}`, { as: h.owner })).body.slug).toBe(old);
  });

  test("can be asked for a free slug", async () => {
    const [taken, former] = [newSlug(), newSlug()];
    await create(former);
    await rename(former, taken);
    const check = async (slug: string) =>
      (await h.call("POST", "/apps/slug:check", { as: h.owner, body: { slug } })).body;
    expect(await check(newSlug())).toEqual({ available: true });
    expect(await check(taken)).toEqual({ available: false, reason: "slug_taken" });
    expect(await check(former)).toEqual({ available: false, reason: "slug_in_history" });
    expect(await check("No Slug")).toEqual({ available: false, reason: "invalid" });
  });

  test("keeps what a change does not name, and clears a description by null", async () => {
    const { slug } = await h.app();
    const patch = async (body: object) =>
      (await h.call("PATCH", `/apps/${slug}`, { as: h.owner, body })).body;
    expect(await patch({ description: "text" })).toMatchObject({ name: slug, description: "text" });
    expect(await patch({ name: "New" })).toMatchObject({ name: "New", description: "text" });
    expect(await patch({ description: null })).toMatchObject({ name: "New", description: null });
  });

  test("is deleted only when empty, or by force with everything in it", async () => {
    const app = await h.app();
    const script = await h.script(app.id);
    await h.call("POST", `/scripts/${script.id}/routes`, { as: h.owner, body: { path: "/x" } });
    const remove = (query = "") => h.call("DELETE", `/apps/${app.slug}${query}`, { as: h.owner });
    expect((await remove()).body).toMatchObject({
      status: 409,
      code: "has_scripts",
      script_count: 1,
    });
    await h.call("DELETE", `/scripts/${script.id}`, { as: h.owner });
    await h.call("PUT", `/apps/${app.slug}/env/A`, { as: h.owner, body: { value: "1" } });
    expect((await remove()).body).toMatchObject({
      status: 409,
      code: "has_data",
      counts: { env: 1 },
    });
    expect((await remove("?force=true")).status).toBe(204);
    expect((await h.call("GET", `/apps/${app.id}`, { as: h.owner })).status).toBe(404);
    expect(await h.database.sql`select 1 from env_vars where app_id = ${app.id}`).toHaveLength(0);
  });

  test("is listed to its members alone, with their role, and to a bound key alone", async () => {
    const [app, other] = [await h.app(), await h.app()];
    const viewer = await h.member(app.id, "viewer");
    const list = async (as: { token: string }) =>
      (await h.call("GET", "/apps?limit=200", { as })).body;
    expect((await list(viewer)).items).toMatchObject([{ id: app.id, my_role: "viewer" }]);
    expect((await list(await h.person("member"))).items).toEqual([]);
    const everything = (await list(await h.person("admin"))).items.map(
      ({ id }: { id: string }) => id,
    );
    expect(everything).toContain(app.id);
    expect(everything).toContain(other.id);
    const bound = await h.key(h.owner, ["script:read"], other.id);
    expect((await list(bound)).items.map(({ id }: { id: string }) => id)).toEqual([other.id]);
    expect((await list(await h.key(h.owner, ["log:read"]))).code).toBe("forbidden");
  });
});
