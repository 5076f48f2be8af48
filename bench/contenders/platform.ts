/**
 * The whole platform: listener, host claim, param route, gate, record, executor process.
 * Arguments: fresh | reuse, script file. Takes the executable when it is built.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startInstance } from "../../test/support/instance.ts";

const [mode = "fresh", file = "hello.js"] = process.argv.slice(2);
const executable = join(import.meta.dir, "../../dist/picloud-linux-x64");
const cloud = await startInstance({
  ...(existsSync(executable) && process.env["BENCH_SOURCE"] === undefined
    ? { command: [executable] }
    : {}),
  env: { PICLOUD_LOG_LEVEL: "warn" },
});

const made = async <T>(path: string, body: object): Promise<T> => {
  const answer = await cloud.api<T>("POST", path, body);
  if (answer.status !== 201)
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

const app = await made<{ id: string }>("/apps", { slug: "bench", name: "Bench" });
await made(`/apps/${app.id}/domains`, { host: "127.0.0.1" });
const script = await made<{ id: string }>("/scripts", {
  app_id: app.id,
  name: "bench",
  source: await Bun.file(join(import.meta.dir, "../scripts", file)).text(),
  instance: mode,
  limits: { cpu_ms: 30_000, concurrency: 10_000 },
});
await made(`/scripts/${script.id}/routes`, { path: "/hello/:name" });
process.stdout.write(`listening ${cloud.port}\n`);

process.once("SIGTERM", () => void cloud.dispose().then(() => process.exit()));
