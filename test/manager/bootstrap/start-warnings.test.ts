import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrapOwner } from "../../../src/manager/bootstrap/bootstrap-owner.ts";
import { startWarnings } from "../../../src/manager/bootstrap/start-warnings.ts";
import { createHarness, PASSWORD } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";

let h: Harness;
const dataDir = mkdtempSync(join(tmpdir(), "picloud-warnings-"));
const generated = join(dataDir, "initial-owner-password");
beforeAll(async () => {
  h = await createHarness();
});
afterAll(async () => {
  await h.close();
  rmSync(dataDir, { recursive: true });
});

const options = { username: null, password: null, dataDir };
const warnings = async (password: string | null = null) =>
  await startWarnings(h.manager.deps, { ...options, password }, null);

test("nothing is said of one owner with a password of their own", async () => {
  expect(await warnings()).toEqual([]);
  expect(await warnings("a given password that is not in use")).toEqual([]);
});

test("more than one active owner is said, with their names", async () => {
  const second = await h.person("owner");
  const [warning, ...others] = await warnings();
  expect(warning).toContain("2 active owners");
  for (const { username } of [h.owner, second]) expect(warning).toContain(username);
  expect(others).toEqual([]);
  await h.call("PATCH", `/users/${second.id}`, { as: h.owner, body: { is_active: false } });
  expect(await warnings()).toEqual([]);
});

test("a generated password is said at each start but the first, until it is changed; then its file goes", async () => {
  await h.database.sql`delete from users`;
  h.manager.deps.credentials.drop(null);
  const firstOwner = await bootstrapOwner(h.manager.deps, options);
  expect(await startWarnings(h.manager.deps, options, firstOwner)).toEqual([]);
  const password = (await Bun.file(generated).text()).trim();
  for (let start = 0; start < 2; start++) {
    const [warning] = await warnings();
    expect(warning).toContain("generated at the first start is still in use");
    expect(warning).not.toContain(password);
  }
  const login = await h.call("POST", "/auth/login", { body: { username: "admin", password } });
  const body = { current_password: password, new_password: PASSWORD };
  expect((await h.call("POST", "/auth/password", { as: login.body, body })).status).toBe(204);
  expect(existsSync(generated)).toBe(true);
  expect(await warnings()).toEqual([]);
  expect(existsSync(generated)).toBe(false);
});
