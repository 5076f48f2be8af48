import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const patch = (body: object, as: { token: string } = h.owner) =>
  h.call("PATCH", "/settings", { as, body });

describe("the instance's settings", () => {
  test("are for owners", async () => {
    expect((await h.call("GET", "/settings", { as: await h.person("admin") })).body.code).toBe(
      "forbidden",
    );
    expect((await patch({}, await h.person("admin"))).status).toBe(403);
    expect((await h.call("GET", "/settings", { as: h.owner })).body).toEqual({
      egress: { allow: [], deny: [] },
      require_totp: false,
      audit_retention_days: 365,
    });
  });

  test.each([
    [{ audit_retention_days: 29 }, "audit_retention_days"],
    [{ audit_retention_days: 1.5 }, "audit_retention_days"],
    [{ require_totp: "yes" }, "require_totp"],
  ])("are not %j", async (body, field) => {
    expect((await patch(body)).body).toMatchObject({ code: "invalid", field });
  });

  test("hold the egress rules that every app stays within, in force at once", async () => {
    const app = await h.app();
    const rules = async () => await h.manager.egress.rulesFor(app.id);
    const none = { allow: [], deny: [] };
    expect(await rules()).toEqual({ app: none, instance: none });
    const egress = { allow: ["10.1.0.0/16"], deny: ["*.bad.example"] };
    expect((await patch({ egress })).body).toMatchObject({ egress });
    expect(await rules()).toEqual({ app: none, instance: egress });
    const own = { allow: [], deny: ["api.example.com"] };
    await h.call("PUT", `/apps/${app.slug}/egress`, { as: h.owner, body: own });
    expect(await rules()).toEqual({ app: own, instance: egress });
    expect(h.manager.egress.rulesFor(app.id)).not.toBeInstanceOf(Promise);
    expect((await patch({ egress: { allow: ["nonsense/"], deny: [] } })).body).toMatchObject({
      code: "invalid",
      field: "egress.allow.0",
    });
  });
});
