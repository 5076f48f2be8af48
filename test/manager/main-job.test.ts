import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RoutingUpdate } from "../../src/shared/routing.ts";
import { createHarness } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

describe("the main job", () => {
  test("app, script, host and route are in force in this process when the answer comes", async () => {
    const { owner: as } = h;
    const updates: RoutingUpdate[] = [];
    h.manager.publisher.routingTables.onSwap(
      (update) => void updates.push({ ...update, apps: new Map(update.apps) }),
    );
    expect(updates).toHaveLength(1);
    expect(updates[0]?.full).toBe(true);

    const app = await h.call("POST", "/apps", { as, body: { slug: "shop", name: "Shop" } });
    expect(app.status).toBe(201);
    expect(app.body).toMatchObject({
      slug: "shop",
      name: "Shop",
      description: null,
      my_role: "app_admin",
    });
    const domain = await h.call("POST", "/apps/shop/domains", {
      as,
      body: { host: "Shop.Example.com." },
    });
    expect(domain.body).toMatchObject({ host: "shop.example.com", kind: "strict" });
    const source = "export default (req: Request) => ({ hello: 'world' })";
    const script = await h.call("POST", "/scripts", {
      as,
      body: { app_id: app.body.id, name: "greet", source },
    });
    expect(script.status).toBe(201);
    expect(script.body).toMatchObject({
      app_id: app.body.id,
      name: "greet",
      version: 1,
      latest_version: 1,
      source,
      access: "public",
    });
    const route = await h.call("POST", `/scripts/${script.body.id}/routes`, {
      as,
      body: { path: "/greet/:name" },
    });
    expect(route.status).toBe(201);
    expect(route.body).toMatchObject({
      method: "*",
      path: "/greet/:name",
      path_kind: "param",
      host_kind: "any",
      host: null,
    });

    const last = updates.at(-1)?.apps.get(app.body.id);
    expect(last?.routes.map(({ id }) => id)).toEqual([route.body.id]);
    expect(last?.domains.map(({ host }) => host)).toEqual(["shop.example.com"]);
    const live = await h.manager.publisher.scripts.resolve(script.body.id);
    expect(live).toMatchObject({
      name: "greet",
      version: 1,
      appId: app.body.id,
      limits: { wall_ms: 30_000 },
    });

    const matched = await h.call("POST", "/routes:match", {
      as,
      body: { method: "get", url: "http://shop.example.com/greet/Ann%20Lee?x=1" },
    });
    expect(matched.body).toMatchObject({
      matched: true,
      app: { id: app.body.id, slug: "shop" },
      route: { id: route.body.id },
      script: { id: script.body.id, name: "greet" },
      params: { name: "Ann Lee" },
      rest: "",
    });

    const second = await h.call("PUT", `/scripts/${script.body.id}`, {
      as,
      body: { source: "export default () => 2", expected_version: 1 },
    });
    expect(second.body).toMatchObject({ version: 2, latest_version: 2 });
    expect(await h.manager.publisher.scripts.resolve(script.body.id)).toMatchObject({ version: 2 });
    const back = await h.call("POST", `/scripts/${script.body.id}/versions/1:activate`, { as });
    expect(back.body).toMatchObject({ version: 1, latest_version: 2, source });
    expect(await h.manager.publisher.scripts.resolve(script.body.id)).toMatchObject({ version: 1 });
    const third = await h.call("PUT", `/scripts/${script.body.id}`, {
      as,
      body: { source: "export default () => 3" },
    });
    expect(third.body).toMatchObject({ version: 3, latest_version: 3 });

    expect((await h.call("DELETE", `/routes/${route.body.id}`, { as })).status).toBe(204);
    expect(updates.at(-1)?.apps.get(app.body.id)?.routes).toEqual([]);
    expect((await h.call("DELETE", "/apps/shop?force=true", { as })).status).toBe(204);
    expect(updates.at(-1)?.apps.get(app.body.id)).toBeNull();
    expect(h.manager.publisher.scripts.resolve(script.body.id)).toBeUndefined();
  });
});
