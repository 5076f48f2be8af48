import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

const post = (body: unknown, headers: Record<string, string> = {}) =>
  h.call("POST", "/apps", { as: h.owner, body, headers });

describe("a problem", () => {
  test("has every member, the security headers and a type that is served", async () => {
    const { status, body, headers } = await h.call("GET", "/apps/nothing-here", { as: h.owner });
    expect(status).toBe(404);
    expect(Object.keys(body).toSorted()).toEqual([
      "code",
      "detail",
      "request_id",
      "status",
      "title",
      "type",
    ]);
    expect(body).toMatchObject({ code: "not_found", status: 404 });
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("x-request-id")).toBe(body.request_id);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
    const type = await h.fetch(new Request(`http://localhost${body.type}`));
    expect(await type.json()).toEqual({ code: "not_found", status: 404, title: "Not found" });
  });

  test("is the same for what is not there and for what is no id", async () => {
    const strip = ({ body }: { body: Record<string, unknown> }) => ({ ...body, request_id: "" });
    const unknown = await h.call("GET", `/scripts/${Bun.randomUUIDv7()}`, { as: h.owner });
    expect(strip(await h.call("GET", "/scripts/not-an-id", { as: h.owner }))).toEqual(
      strip(unknown),
    );
    expect(strip(await h.call("GET", "/scripts/%00%ff", { as: h.owner }))).toEqual(strip(unknown));
  });

  test("says which methods a path takes", async () => {
    const { status, headers } = await h.call("PUT", "/apps", { as: h.owner });
    expect(status).toBe(405);
    expect(headers.get("allow")).toBe("GET, POST");
  });

  test("never gives a cross-origin page a right to read", async () => {
    const { headers } = await h.call("GET", "/apps", {
      as: h.owner,
      headers: { origin: "https://evil.example" },
    });
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("a body", () => {
  test("that is no JSON is 400; of another type 415; without its type 415", async () => {
    expect((await post("{nope")).body).toMatchObject({ status: 400, code: "invalid_json" });
    expect((await post("{}", { "content-type": "text/plain" })).body).toMatchObject({
      status: 415,
      code: "unsupported_media_type",
    });
    expect((await post("{}", { "content-type": "application/jsonp" })).status).toBe(415);
    expect((await post("{}", { "content-type": "application/json; charset=utf-8" })).status).toBe(
      422,
    );
  });

  test("that is a bomb is 400: too deep, a key twice, no UTF-8", async () => {
    for (const text of [
      "[".repeat(100_000),
      '{"slug":"a","slug":"b","name":"x"}',
      '{"__proto__":{"admin":true}',
    ]) {
      expect((await post(text)).body).toMatchObject({ status: 400, code: "invalid_json" });
    }
    const bytes = new Request("http://localhost/api/v1/admin/apps", {
      method: "POST",
      headers: { authorization: `Bearer ${h.owner.token}`, "content-type": "application/json" },
      body: new Uint8Array([0x22, 0xff, 0x22]),
    });
    expect((await h.fetch(bytes)).status).toBe(400);
  });

  test("over the limit is 413, whether its length is told or not", async () => {
    const told = await post("{}", { "content-length": String(64 * 1024 * 1024) });
    expect(told.body).toMatchObject({ status: 413, code: "body_too_large" });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent++;
        controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
      },
    });
    const request = new Request("http://localhost/api/v1/admin/apps", {
      method: "POST",
      headers: { authorization: `Bearer ${h.owner.token}`, "content-type": "application/json" },
      body: endless,
    });
    expect((await h.fetch(request)).status).toBe(413);
    expect(sent).toBeLessThan(30);
  });

  test("that breaks off is the client's fault, and no fault of ours in the log", async () => {
    const request = new Request("http://localhost/api/v1/admin/apps", {
      method: "POST",
      headers: { authorization: `Bearer ${h.owner.token}`, "content-type": "application/json" },
      body: new ReadableStream({
        // Bun gives no reason when a client goes away.
        pull: () => Promise.reject(),
      }),
    });
    const answer = await h.fetch(request);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "invalid_json" });
  });

  test("with the key __proto__ is 422 as with any other unknown field, wherever it stands", async () => {
    for (const text of [
      '{"slug":"a","name":"A","__proto__":1}',
      '{"slug":"a","name":"A","__proto__":{"admin":true}}',
      '{"slug":"a","name":"A","\\u005f_proto__":{}}',
      '{"slug":"a","name":{"__proto__":{}}}',
    ])
      expect((await post(text)).body).toMatchObject({
        status: 422,
        code: "unknown_field",
        field: "__proto__",
      });
  });

  test("with an unknown field is 422 and names it", async () => {
    expect((await post({ slug: "a", name: "A", my_role: "owner" })).body).toMatchObject({
      status: 422,
      code: "unknown_field",
      field: "my_role",
    });
  });

  test("with a wrong value is 422, names the paths, and never says what was sent", async () => {
    const secret = "Sup3r-Secret-Value!";
    const { status, body } = await post({ slug: secret, name: 5, description: [secret] });
    expect(status).toBe(422);
    expect(body.code).toBe("invalid");
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual([
      "slug",
      "name",
      "description",
    ]);
    expect(JSON.stringify(body)).not.toContain(secret);
    const login = await h.call("POST", "/auth/login", {
      body: { username: "x", password: { hunter2: 1 } },
    });
    expect(login.status).toBe(422);
    expect(JSON.stringify(login.body)).not.toContain("hunter2");
  });

  test.each([[null], [[]], ["text"], [5], [{}]])("that is %p is 422", async (body) => {
    expect((await post(JSON.stringify(body))).body).toMatchObject({ status: 422, code: "invalid" });
  });
});

describe("a list", () => {
  test.each(["limit=0", "limit=201", "limit=-1", "limit=x", "limit=1e2"])(
    "with ?%s is 422",
    async (query) => {
      expect((await h.call("GET", `/apps?${query}`, { as: h.owner })).body).toMatchObject({
        status: 422,
        code: "invalid",
        field: "limit",
      });
    },
  );

  test.each(["x", "%00", "AAAAAAAAAAAAAAAAAAAAAA", "../../etc"])(
    "with ?cursor=%s is 422 or empty",
    async (cursor) => {
      const { status, body } = await h.call("GET", `/apps?cursor=${cursor}`, { as: h.owner });
      if (status === 422) expect(body.code).toBe("invalid_cursor");
      else expect(body).toEqual({ items: [], next_cursor: null });
    },
  );

  test("is paged newest first, without gaps or repeats", async () => {
    const made = [];
    for (let n = 0; n < 5; n++) made.push((await h.app()).slug);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await h.call(
        "GET",
        `/apps?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
        { as: h.owner },
      );
      seen.push(...body.items.map(({ slug }: { slug: string }) => slug));
      cursor = body.next_cursor;
    }
    expect(seen.slice(0, 5)).toEqual(made.toReversed());
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("without the database", () => {
  test("the control plane answers 503, and works again when it is back", async () => {
    const { database } = h.manager.deps;
    const token = h.owner.token;
    const { connectDatabase } = await import("../../../src/manager/db/connect.ts");
    const away = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/none", poolSize: 1 });
    h.manager.deps.database = away;
    const { status, body, headers } = await h.call("GET", "/apps", { as: token });
    expect(status).toBe(503);
    expect(body.code).toBe("database_unavailable");
    expect(headers.get("retry-after")).toBe("1");
    h.manager.deps.database = database;
    await away.close();
    expect((await h.call("GET", "/apps", { as: token })).status).toBe(200);
  });
});
