import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { CronRegistration } from "../../src/shared/execution.ts";
import { createHarness } from "./support/harness.ts";
import { statuses } from "./support/statuses.ts";
import type { Harness } from "./support/harness.ts";
import { EVALUATED } from "./support/stand-ins.ts";

let h: Harness;
let app: { id: string; slug: string };
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());
beforeEach(async () => {
  h.executor.answer = () => EVALUATED;
  app = await h.app();
});

let count = 0;
const SOURCE = "export default () => 1";
const create = (body: object) =>
  h.call("POST", "/scripts", {
    as: h.owner,
    body: { app_id: app.id, name: `s${++count}`, source: SOURCE, ...body },
  });
const save = (id: string, body: object) => h.call("PUT", `/scripts/${id}`, { as: h.owner, body });

describe("package versions", () => {
  const uses = (comment: string) => `import "npm:pkg@1"; ${SOURCE} // ${comment}`;

  test("stay from one version to the next, and are chosen anew where the script did not have the package", async () => {
    const first = (await create({ source: uses("first") })).body;
    const second = (await save(first.id, { source: uses("second") })).body;
    expect(second).toMatchObject({ version: 2, packages: first.packages });
    const without = (await save(first.id, { source: SOURCE })).body;
    expect(without.packages).toEqual({});
    const again = (await save(first.id, { source: uses("again") })).body;
    expect(again.packages).not.toEqual(first.packages);
    expect((await create({ source: uses("first") })).body.packages).not.toEqual(again.packages);
  });
});

describe("a new script", () => {
  test("takes several files and an entry", async () => {
    const files = { "main.ts": "import './lib.ts'", "lib.ts": "export {}" };
    const { status, body } = await create({ source: undefined, files, entry: "main.ts" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ files, entry: "main.ts" });
    expect(body.source).toBeUndefined();
    const read = await h.call("GET", `/scripts/${body.id}`, { as: h.owner });
    expect(read.body).toEqual(body);
  });

  test.each([
    [{ files: { "a.ts": "" } }, "source"],
    [{ source: undefined }, "source"],
    [{ source: undefined, files: { "a.ts": "", "b.ts": "" }, entry: "c.ts" }, "entry"],
    [{ source: undefined, files: { "a.ts": "", "b.ts": "" } }, "entry"],
    [{ source: undefined, entry: "a.ts" }, "entry"],
    [{ source: undefined, files: {} }, "files"],
    [{ entry: "other.ts" }, "entry"],
    [{ name: "" }, "name"],
    [{ name: "a b" }, "name"],
    [{ instance: "warm" }, "instance"],
    [{ access: "private" }, "access"],
    [{ source: "nul \0" }, "source"],
  ])("with %j is 422", async (change, field) => {
    expect((await create(change)).body).toMatchObject({ status: 422, code: "invalid", field });
  });

  test.each(["/etc/passwd", "../x.ts", "a//b.ts", "a/./b.ts", "C:\\x.ts", ""])(
    "has no file %p",
    async (path) => {
      const { status } = await create({ source: undefined, files: { [path]: "1" }, entry: path });
      expect(status).toBe(422);
    },
  );

  test("that does not compile is 422 with file, line and column", async () => {
    const { body } = await create({ source: "const a = 1;\n  @@" });
    expect(body).toMatchObject({
      status: 422,
      code: "invalid_source",
      file: "main.ts",
      line: 2,
      column: 1,
      message: "Unexpected @@",
    });
  });

  test("that fails when it is evaluated is 422 with what it threw, and nothing is stored", async () => {
    h.executor.answer = () => ({
      ok: false,
      outcome: "threw",
      error: { name: "TypeError", message: "x is not a function" },
      file: "main.ts",
      line: 3,
      column: 4,
    });
    const { body } = await create({ name: "broken" });
    expect(body).toMatchObject({
      status: 422,
      code: "evaluation_failed",
      name: "TypeError",
      message: "x is not a function",
      line: 3,
    });
    const { body: list } = await h.call("GET", `/scripts?app=${app.slug}`, { as: h.owner });
    expect(list.items).toEqual([]);
  });

  test("that cannot be tried now is 503, and may be saved again", async () => {
    h.executor.answer = () => ({
      ok: false,
      outcome: "overloaded",
      error: { name: "Error", message: "busy" },
    });
    expect((await create({})).body).toMatchObject({ status: 503, code: "executor_unavailable" });
  });

  test("is evaluated with the app's variables and its own limits", async () => {
    await h.call("PUT", `/apps/${app.slug}/env/TOKEN`, {
      as: h.owner,
      body: { value: "secret-value", secret: true },
    });
    await create({ limits: { cpu_ms: 50 } });
    expect(h.executor.last).toMatchObject({
      env: { TOKEN: "secret-value" },
      secretValues: ["secret-value"],
      limits: { cpu_ms: 50 },
    });
  });

  test("has a name of its own in its app, also when two are saved at once", async () => {
    const answers = await Promise.all([create({ name: "same" }), create({ name: "same" })]);
    expect(statuses(answers)).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("name_taken");
    const other = await h.app();
    expect((await create({ name: "same", app_id: other.id })).status).toBe(201);
  });

  test("in an app that is not there is 404, like one that the caller may not know", async () => {
    const stranger = await h.person("member");
    const answers = [];
    for (const app_id of [app.id, Bun.randomUUIDv7(), "no-id"]) {
      const { body } = await h.call("POST", "/scripts", {
        as: stranger,
        body: { app_id, name: "x", source: SOURCE },
      });
      answers.push({ ...body, request_id: "" });
    }
    expect(answers[0]).toMatchObject({ status: 404, code: "not_found" });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});

describe("limits", () => {
  test("above the ceiling, unknown or senseless are refused by name", async () => {
    expect((await create({ limits: { memory_mb: 257 } })).body).toMatchObject({
      status: 422,
      code: "limit_above_ceiling",
      field: "memory_mb",
      requested: 257,
      ceiling: 256,
    });
    expect((await create({ limits: { memory: 1 } })).body).toMatchObject({
      status: 422,
      code: "unknown_limit",
      field: "memory",
    });
    for (const value of [0, -1, 1.5, "5", null]) {
      expect((await create({ limits: { cpu_ms: value } })).body).toMatchObject({
        status: 422,
        code: "invalid",
        field: "limits.cpu_ms",
      });
    }
    expect((await create({ limits: { subrequests: 0, log_lines: 0 } })).body.limits).toMatchObject({
      subrequests: 0,
      log_lines: 0,
    });
  });

  test("that a lower ceiling cuts are clamped when they run, not in the store", async () => {
    const { body } = await create({ limits: { memory_mb: 200 } });
    const { config } = h.manager.deps;
    const { memory_mb } = config.ceilings;
    config.ceilings.memory_mb = 100;
    expect(
      (await h.call("GET", `/scripts/${body.id}`, { as: h.owner })).body.limits.memory_mb,
    ).toBe(100);
    config.ceilings.memory_mb = memory_mb;
    expect(
      (await h.call("GET", `/scripts/${body.id}`, { as: h.owner })).body.limits.memory_mb,
    ).toBe(200);
  });
});

describe("saving", () => {
  test("makes a version when code, limits, instance or access change, and none for a name", async () => {
    const { body } = await create({});
    const versionAfter = async (change: object) => (await save(body.id, change)).body.version;
    expect(await versionAfter({ name: "renamed", description: "text" })).toBe(1);
    expect(await versionAfter({ source: SOURCE })).toBe(1);
    expect(await versionAfter({ source: "export default () => 2" })).toBe(2);
    expect(await versionAfter({ limits: { cpu_ms: 10 } })).toBe(3);
    expect(await versionAfter({ instance: "reuse" })).toBe(4);
    expect(await versionAfter({ access: "internal" })).toBe(5);
    const read = (await h.call("GET", `/scripts/${body.id}`, { as: h.owner })).body;
    expect(read).toMatchObject({
      name: "renamed",
      description: "text",
      instance: "reuse",
      access: "internal",
      limits: { cpu_ms: 10 },
    });
  });

  test("with another expected version than the live one is 409", async () => {
    const { body } = await create({});
    await save(body.id, { source: "export default () => 2" });
    expect(
      (await save(body.id, { source: "export default () => 3", expected_version: 1 })).body,
    ).toMatchObject({
      status: 409,
      code: "version_conflict",
      version: 2,
    });
    expect(
      (await save(body.id, { source: "export default () => 3", expected_version: 2 })).body.version,
    ).toBe(3);
  });

  test("at once with one expected version: one wins", async () => {
    const { body } = await create({});
    const answers = await Promise.all(
      [2, 3, 4, 5].map((n) =>
        save(body.id, { source: `export default () => ${n}`, expected_version: 1 }),
      ),
    );
    expect(statuses(answers)).toEqual([200, 409, 409, 409]);
  });

  test("at once without one: each becomes a version", async () => {
    const { body } = await create({});
    await Promise.all([2, 3, 4].map((n) => save(body.id, { source: `export default () => ${n}` })));
    const { body: versions } = await h.call("GET", `/scripts/${body.id}/versions`, { as: h.owner });
    expect(versions.items.map(({ version }: { version: number }) => version)).toEqual([4, 3, 2, 1]);
  });
});

describe("versions", () => {
  test("say who and when, are paged, and are read with their code", async () => {
    const { body } = await create({});
    await save(body.id, { source: "export default () => 2" });
    await save(body.id, { source: "export default () => 3" });
    const list = (query: string) =>
      h.call("GET", `/scripts/${body.id}/versions${query}`, { as: h.owner });
    const first = (await list("?limit=2")).body;
    expect(first.items).toMatchObject([
      { version: 3, is_live: true, created_by: { id: h.owner.id, username: h.owner.username } },
      { version: 2, is_live: false },
    ]);
    expect(first.items[0].source).toBeUndefined();
    const rest = (await list(`?limit=2&cursor=${first.next_cursor}`)).body;
    expect(rest.items.map(({ version }: { version: number }) => version)).toEqual([1]);
    expect(rest.next_cursor).toBeNull();
    const one = (await h.call("GET", `/scripts/${body.id}/versions/2`, { as: h.owner })).body;
    expect(one).toMatchObject({ version: 2, source: "export default () => 2", size_bytes: 22 });
    expect(one.checksum).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(["0", "99", "x", "1.5", "99999999999"])("%p is not found", async (number) => {
    const { body } = await create({});
    expect(
      (await h.call("GET", `/scripts/${body.id}/versions/${number}`, { as: h.owner })).status,
    ).toBe(404);
    expect(
      (await h.call("POST", `/scripts/${body.id}/versions/${number}:activate`, { as: h.owner }))
        .status,
    ).toBe(404);
  });
});

describe("crons and the queue listener", () => {
  const cron = (name: string): CronRegistration => ({
    name,
    schedule: "* * * * *",
    backoffSchedule: null,
  });
  const evaluated =
    (crons: string[], listensToQueue = false) =>
    () => ({ ...EVALUATED, crons: crons.map(cron), listensToQueue });

  test("are unique in an app, for saving and for activating", async () => {
    h.executor.answer = evaluated(["nightly"], true);
    const { body: first } = await create({});
    expect((await create({})).body).toMatchObject({ status: 409, code: "listener_conflict" });
    h.executor.answer = evaluated(["nightly"]);
    expect((await create({})).body).toMatchObject({
      status: 409,
      code: "cron_name_taken",
      cron: "nightly",
    });
    h.executor.answer = evaluated([]);
    await save(first.id, { source: "export default () => 2" });
    h.executor.answer = evaluated(["nightly"], true);
    expect((await create({})).status).toBe(201);
    expect(
      (await h.call("POST", `/scripts/${first.id}/versions/1:activate`, { as: h.owner })).body
        .status,
    ).toBe(409);
  });

  test("of one app do not stand in the way of another", async () => {
    h.executor.answer = evaluated(["nightly"], true);
    expect((await create({})).status).toBe(201);
    app = await h.app();
    expect((await create({})).status).toBe(201);
  });
});

describe("a script that is deleted", () => {
  test("takes its routes along and is unknown from then on", async () => {
    const { body } = await create({});
    const { body: route } = await h.call("POST", `/scripts/${body.id}/routes`, {
      as: h.owner,
      body: { path: "/gone" },
    });
    const editor = await h.member(app.id, "editor");
    expect((await h.call("DELETE", `/scripts/${body.id}`, { as: editor })).body.code).toBe(
      "forbidden",
    );
    expect((await h.call("DELETE", `/scripts/${body.id}`, { as: h.owner })).status).toBe(204);
    expect((await h.call("GET", `/scripts/${body.id}`, { as: h.owner })).status).toBe(404);
    expect((await h.call("DELETE", `/routes/${route.id}`, { as: h.owner })).status).toBe(404);
    expect(h.manager.publisher.scripts.resolve(body.id)).toBeUndefined();
  });
});
