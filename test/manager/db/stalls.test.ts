import { describe, expect, test } from "bun:test";
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import { databaseFault } from "../../../src/manager/db/faults.ts";
import { StallGuard } from "../../../src/manager/db/stalls.ts";

const never = () => new Promise<never>(() => undefined);
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a database that hangs", () => {
  test("fails the calls that wait, and new ones without one more query, until it answers", async () => {
    let answers = false;
    const guard = new StallGuard({ answers: async () => answers, patienceMs: 10 });
    expect(databaseFault(await failureOf(guard.guard(never)))).toBe(true);
    let begun = false;
    const next = guard.guard(async () => {
      begun = true;
    });
    expect(databaseFault(await failureOf(next))).toBe(true);
    expect(begun).toBe(false);
    answers = true;
    expect(await guard.guard(async () => "works")).toBe("works");
  });

  test("is asked once for all that wait", async () => {
    let asked = 0;
    const guard = new StallGuard({
      answers: async () => {
        asked++;
        await Bun.sleep(50);
        return false;
      },
      patienceMs: 10,
    });
    await Promise.all(Array.from({ length: 20 }, () => failureOf(guard.guard(never))));
    expect(asked).toBe(1);
  });
});

test("long work beside a database that answers goes on", async () => {
  let asked = 0;
  const finish = Promise.withResolvers<string>();
  const guard = new StallGuard({
    answers: async () => {
      if (++asked === 3) finish.resolve("done");
      return true;
    },
    patienceMs: 5,
  });
  expect(await guard.guard(() => finish.promise)).toBe("done");
});

test("what work fails with is told as it is", async () => {
  const guard = new StallGuard({ answers: async () => true });
  expect(await failureOf(guard.guard(() => Promise.reject(new Error("its own"))))).toEqual(
    new Error("its own"),
  );
});

test("a database that is not there is said to be so at each call", async () => {
  const database = connectDatabase({
    url: "postgres://nobody@localhost/x?host=%2Fnone-such",
    poolSize: 2,
  });
  const calls = Array.from({ length: 4 }, () => database.sql`select 1`);
  for (const answer of await Promise.allSettled(calls))
    expect(answer.status === "rejected" && databaseFault(answer.reason)).toBe(true);
  await database.close();
});
