import { afterAll, expect, test } from "bun:test";
import { createServer, connect, type Socket } from "node:net";
import { StallGuard } from "../../../src/manager/db/stalls.ts";
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import { databaseFault } from "../../../src/manager/db/faults.ts";
import { until } from "../support/until.ts";

/** Answers what starts with "?"; says nothing to all else. */
const server = createServer((socket) => {
  socket.on("data", (data) => {
    if (data.toString().startsWith("?")) socket.write("!");
  });
  socket.on("error", () => undefined);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
afterAll(() => void server.close());
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;

function guarded(answers: () => boolean): { guard: StallGuard; asked: () => number } {
  let asked = 0;
  const guard = new StallGuard({
    open: () => connect({ host: "127.0.0.1", port }),
    answers: async () => {
      asked++;
      return answers();
    },
    silenceMs: 50,
  });
  return { guard, asked: () => asked };
}

function failure(socket: Socket): { code: () => string | undefined } {
  let code: string | undefined;
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  return { code: () => code };
}

test("a connection without an answer is cut when the server answers no other one either, and an idle one with it", async () => {
  const { guard } = guarded(() => false);
  const [waiting, idle] = [guard.open(), guard.open()];
  const [one, two] = [failure(waiting), failure(idle)];
  waiting.write("query");
  await until(() => one.code() !== undefined && two.code() !== undefined);
  expect([one.code(), two.code()]).toEqual(["ETIMEDOUT", "ETIMEDOUT"]);
});

test("a long query of a server that answers others goes on", async () => {
  const { guard, asked } = guarded(() => true);
  const socket = guard.open();
  socket.write("long");
  await until(() => asked() >= 2);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test("an answered connection is not looked at", async () => {
  const { guard, asked } = guarded(() => false);
  const socket = guard.open();
  failure(socket);
  const answer = Promise.withResolvers<void>();
  socket.on("data", () => answer.resolve());
  socket.write("?");
  await answer.promise;
  const waiting = guard.open();
  const other = failure(waiting);
  waiting.write("query");
  await until(() => other.code() !== undefined);
  expect(asked()).toBe(1);
});

test.each(["postgres://nobody@localhost/x?host=%2Fnone-such", "postgres://nobody@127.0.0.1:1/x"])(
  "a database that is not there is said to be so at each call, more of them than connections: %s",
  async (url) => {
    const database = connectDatabase({ url, poolSize: 2 });
    for (let turn = 0; turn < 2; turn++) {
      const calls = Array.from({ length: 4 }, () => database.sql`select 1`);
      const answers = await Promise.allSettled(calls);
      for (const answer of answers)
        expect(answer.status === "rejected" && databaseFault(answer.reason)).toBe(true);
    }
    await database.close();
  },
);
