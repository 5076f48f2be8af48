import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadMasterKey, masterKey } from "../../src/manager/secrets/master-key.ts";
import { seal, unseal } from "../../src/manager/secrets/seal.ts";
import { createSecretBox, rewrapAppKeys } from "../../src/manager/secrets/secret-box.ts";
import { createPasswordHasher } from "../../src/manager/sessions/password-hasher.ts";
import { createHarness, TEST_MASTER_KEY } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

describe("sealed bytes", () => {
  const key = new Uint8Array(32).fill(1);
  const sealed = seal(key, Buffer.from("text"), "app:NAME");

  test("open with their key and binding, and with no other", () => {
    expect(Buffer.from(unseal(key, sealed, "app:NAME")).toString()).toBe("text");
    expect(() => unseal(key, sealed, "app:OTHER")).toThrow();
    expect(() => unseal(new Uint8Array(32).fill(2), sealed, "app:NAME")).toThrow();
    for (const at of [0, 13, sealed.length - 1]) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unseal(key, changed, "app:NAME")).toThrow();
    }
  });

  test("never look alike twice", () => {
    expect(seal(key, Buffer.from("text"), "app:NAME")).not.toEqual(sealed);
  });
});

describe("the master key", () => {
  test("is made once into a file that only its owner reads", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "picloud-key-"));
    const [first, second] = await Promise.all(
      [1, 2].map(() => loadMasterKey({ given: null, dataDir })),
    );
    expect((await stat(join(dataDir, "master.key"))).mode & 0o777).toBe(0o600);
    expect(await loadMasterKey({ given: null, dataDir })).toEqual(first as never);
    expect(second).toEqual(first as never);
    const given = await loadMasterKey({ given: new Uint8Array(32).fill(3), dataDir });
    expect(given.id).not.toBe(first?.id ?? "");
    await writeFile(join(dataDir, "master.key"), "short");
    await expect(loadMasterKey({ given: null, dataDir })).rejects.toThrow("it is not 32 bytes");
    await rm(dataDir, { recursive: true });
  });

  test("that is another one than the data's stops the start and says so; given as a former one it does not, and can be left after rewrapping", async () => {
    const app = await h.app();
    await h.call("PUT", `/apps/${app.slug}/env/A`, {
      as: h.owner,
      body: { value: "kept", secret: true },
    });
    const { db } = h.database;
    const next = masterKey(new Uint8Array(32).fill(9));
    await expect(createSecretBox(db, next)).rejects.toThrow(
      `encrypted with master key ${TEST_MASTER_KEY.id}`,
    );
    await createSecretBox(db, next, [TEST_MASTER_KEY]);
    expect(await rewrapAppKeys(db, next, [TEST_MASTER_KEY])).toBeGreaterThan(0);
    const box = await createSecretBox(db, next);
    const rows = await h.database.sql<
      { name: string; sealed: Uint8Array }[]
    >`select name, sealed from env_vars where app_id = ${app.id}`;
    expect(await box.openAll(db, app.id, rows)).toEqual({ A: "kept" });
    await rewrapAppKeys(db, TEST_MASTER_KEY, [next]);
    await createSecretBox(db, TEST_MASTER_KEY);
  });
});

describe("passwords", () => {
  test("are hashed with Argon2id at the cost that was asked for", async () => {
    const cheap = await createPasswordHasher({ memoryKib: 64, passes: 1 });
    const dear = await createPasswordHasher({ memoryKib: 128, passes: 1 });
    const stored = await cheap.hash("a password");
    expect(stored).toStartWith("$argon2id$v=19$m=64,t=1,p=1$");
    expect(await dear.verify(stored, "a password")).toBe(true);
    expect(await dear.verify(stored, "another")).toBe(false);
    expect(await dear.verify(null, "a password")).toBe(false);
    expect(await dear.verify("no hash", "a password")).toBe(false);
    expect([cheap.isOutdated(stored), dear.isOutdated(stored)]).toEqual([false, true]);
    expect(await cheap.hashKey("token")).toStartWith("$argon2id$");
  });

  test("are checked a few at a time, and past a bound not at all", async () => {
    const hasher = await createPasswordHasher({ memoryKib: 64, passes: 1 });
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, () => hasher.hash("a password")),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused.length).toBe(200 - 66);
    expect(await hasher.hash("a password")).toStartWith("$argon2id$");
  });
});
