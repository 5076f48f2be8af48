/** Writes that meet others on the same rows. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { mutate, type Write } from "../../../src/manager/publish/mutate.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

test("two writes that lock the same rows in opposite order both succeed: one of them begins anew", async () => {
  const [one, two] = [await h.app(), await h.app()];
  const context = {
    deps: h.manager.deps,
    requestId: "request",
    address: null,
    principal: null,
    actor: { kind: "system", id: null, name: "test" },
  } as const;
  const lock = (write: Write, id: string) =>
    write.tx.execute(sql`select id from apps where id = ${id} for update`);
  const both = Promise.withResolvers<void>();
  let holding = 0;
  let begun = 0;
  const locksBoth = (first: string, second: string) =>
    mutate(context, async (write) => {
      begun += 1;
      await lock(write, first);
      if (++holding === 2) both.resolve();
      await both.promise;
      await lock(write, second);
      return first;
    });
  expect(await Promise.all([locksBoth(one.id, two.id), locksBoth(two.id, one.id)])).toEqual([
    one.id,
    two.id,
  ]);
  expect(begun).toBe(3);
}, 20_000);

test("a write that fails by itself is not begun anew", async () => {
  let begun = 0;
  const failing = mutate(
    {
      deps: h.manager.deps,
      requestId: "r",
      address: null,
      principal: null,
    },
    async () => {
      begun += 1;
      throw new Error("by itself");
    },
  );
  expect(failing).rejects.toThrow("by itself");
  await failing.catch(() => undefined);
  expect(begun).toBe(1);
});
