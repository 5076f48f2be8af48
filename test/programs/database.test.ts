import { afterAll, beforeAll, expect, test } from "bun:test";
import net from "node:net";
import { makeSocketOperations } from "../../src/executor/host/node/sockets.ts";
import { defaultPorts } from "../../src/executor/host/egress/ports.ts";
import { databaseTarget } from "../../src/shared/database-url.ts";
import { runInGuest } from "../support/guest-lab.ts";
import { testDatabase, type TestDatabase } from "../support/postgres.ts";
import { buildProgram } from "./program.ts";

let database: TestDatabase | undefined;
let proxy: net.Server | undefined;
let url: string;

/** Scripts have no unix sockets: a port of this machine stands before the database's. */
beforeAll(async () => {
  database = await testDatabase({ migrated: false });
  const { path } = databaseTarget(database.superuserUrl).options;
  if (path === undefined) throw new Error("The test database has no socket");
  const listening = net.createServer((client) => {
    const server = net.connect(path);
    client.pipe(server).pipe(client);
    for (const end of [client, server]) end.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  proxy = listening;
  const { port } = listening.address() as net.AddressInfo;
  const name = new URL(database.superuserUrl.replace(/^postgres(ql)?:\/\/[^/]*/, "postgres://x"))
    .pathname;
  url = `postgres://postgres@127.0.0.1:${port}${name}`;
}, 60_000);
afterAll(async () => {
  proxy?.close();
  await database?.drop();
});

const RULES = { allow: ["127.0.0.0/8"], deny: [] };
const operations = makeSocketOperations({
  ...defaultPorts,
  localAddresses: () => new Set(),
  route: async () => ({ kind: "external", instance: RULES, app: RULES }),
});

test("postgres reaches a database over a raw connection", async () => {
  const source = `import postgres from "npm:postgres";
    export default (async () => { const sql = postgres(${JSON.stringify(url)}, { max: 1, ssl: false }); const rows = await sql\`select \${1}::int + 1 as n, \${"é"} as t\`; await sql.end(); return rows })()`;
  const built = await buildProgram({ "main.ts": source }, "main.ts");
  if (!built.ok) throw new Error(built.message);
  const { result, error } = await runInGuest(built.code, { operations });
  expect(error).toBeNull();
  expect(result).toEqual([{ n: 2, t: "é" }]);
});
