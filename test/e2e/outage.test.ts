/** What fails under a running platform, and what goes on. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Instance, eventually, startInstance } from "../support/instance.ts";
import { keepAsking } from "../support/load.ts";
import { descendants, signalAll } from "../support/processes.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
/** None of these was ever asked for by a request before the database goes. */
const COLD = ["cold-1", "cold-2", "cold-3", "cold-4"];
let cloud: Instance;
let appId = "";
let logged = "";

async function deploy(name: string, source: string): Promise<string> {
  const { body, status } = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: appId,
    name,
    source,
  });
  expect(status).toBe(201);
  await cloud.api("POST", `/scripts/${body.id}/routes`, { path: `/${name}` });
  return body.id;
}

beforeAll(async () => {
  cloud = await startInstance();
  const apps = await cloud.api<{ items: { id: string }[] }>("GET", "/apps");
  appId = apps.body.items[0]?.id ?? "";
  await deploy("plain", "export default () => new Response('plain')");
  logged = await deploy(
    "logged",
    "export default () => { console.log('ran'); return new Response('logged'); }",
  );
  await deploy(
    "slow",
    "export default async () => { await new Promise((r) => setTimeout(r, 1500)); return 'slow'; }",
  );
  for (const name of COLD) await deploy(name, `export default () => new Response('${name}')`);
  // Memory starts anew; what is answered from now on was read ahead.
  await cloud.stop();
  // And nothing can be written to the terminal, as on a full disk: that must end nothing.
  cloud = await startInstance({
    dataDir: cloud.dataDir,
    command: ["sh", "-c", 'exec "$0" "$@" >/dev/full 2>/dev/full', process.execPath, MAIN],
    env: { PICLOUD_LOG_LEVEL: "debug" },
  });
}, 60_000);
afterAll(() => cloud.dispose());

const postgresOf = () => descendants(cloud.pid, /postgres/);
const ask = async (path: string) => {
  const response = await cloud.ask("localhost", path);
  return { status: response.status, text: await response.text() };
};
const admin = async () => {
  const from = performance.now();
  const { status } = await cloud.api("GET", "/apps");
  return { status, ms: performance.now() - from };
};
const recorded = async (since = "2000-01-01T00:00:00Z") =>
  (await cloud.api<{ items: unknown[] }>("GET", `/scripts/${logged}/logs?limit=200&since=${since}`))
    .body.items?.length ?? 0;

describe("a database that is frozen", () => {
  test("leaves public traffic alone, scripts never asked for included, and the control plane says 503 in time", async () => {
    const frozen = postgresOf();
    expect(frozen.length).toBeGreaterThan(1);
    signalAll(frozen, "SIGSTOP");
    try {
      const asked = performance.now();
      const control = admin();
      for (const name of COLD) expect(await ask(`/${name}`)).toEqual({ status: 200, text: name });
      expect(await ask("/logged")).toEqual({ status: 200, text: "logged" });
      expect(performance.now() - asked).toBeLessThan(3_000);
      const answer = await control;
      expect(answer.status).toBe(503);
      expect(answer.ms).toBeLessThan(12_000);
    } finally {
      signalAll(frozen, "SIGCONT");
    }
    await eventually(async () => (await admin()).status === 200, 15_000);
    await eventually(async () => (await recorded()) >= 1, 5_000);
  }, 60_000);
});

describe("the embedded database, killed under traffic", () => {
  test("costs no public request, is started again, and writes the records of meanwhile", async () => {
    const load = keepAsking(() => ask("/plain"), { lines: 4 });
    await eventually(async () => load.results.length > 50);
    signalAll(postgresOf(), "SIGKILL");
    // Records of the last seconds before may be gone with it; those of meanwhile are not.
    const since = new Date().toISOString();
    for (let turn = 0; turn < 10; turn++)
      expect(await ask("/logged")).toEqual({ status: 200, text: "logged" });
    const answer = await admin();
    expect([200, 503]).toContain(answer.status);
    await eventually(async () => (await admin()).status === 200, 20_000);
    await eventually(async () => (await recorded(since)) === 10, 10_000);
    const results = await load.stop();
    expect(results.filter(({ status }) => status !== 200)).toEqual([]);
    const change = await cloud.api("POST", `/scripts/${logged}/routes`, { path: "/again" });
    expect(change.status).toBe(201);
    expect((await ask("/again")).text).toBe("logged");
  }, 60_000);
});

describe("executor processes, killed under load", () => {
  test("cost each request that was in them one 502, and the next ones work", async () => {
    await Promise.all(Array.from({ length: 8 }, () => ask("/slow")));
    const inFlight = Array.from({ length: 16 }, () => ask("/slow"));
    await eventually(async () =>
      (await (await fetch(`${cloud.url}/metrics`)).text()).includes(
        "picloud_executions_running 16",
      ),
    );
    const executors = descendants(cloud.pid, /executor/);
    expect(executors.length).toBeGreaterThan(0);
    signalAll(executors, "SIGKILL");
    const statuses = (await Promise.all(inFlight)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([502]));
    const next = await Promise.all(Array.from({ length: 16 }, () => ask("/plain")));
    expect(new Set(next.map(({ status }) => status))).toEqual(new Set([200]));
  }, 30_000);
});
