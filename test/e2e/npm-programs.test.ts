/** The programs of test/programs, deployed by the API with their packages from a registry, and asked over HTTP. */
import { afterAll, beforeAll, expect } from "bun:test";
import { runBy } from "../programs/program.ts";
import { type Instance, startInstance } from "../support/instance.ts";
import { type PackageRegistry, startPackageRegistry } from "../support/package-registry.ts";

let cloud: Instance;
let registry: PackageRegistry;
let app: string;
beforeAll(async () => {
  registry = startPackageRegistry();
  cloud = await startInstance({ env: { PICLOUD_NPM_REGISTRY: registry.url } });
  app = (await cloud.api<{ id: string }>("POST", "/apps", { slug: "npm", name: "npm" })).body.id;
  await cloud.api("POST", "/apps/npm/domains", { host: "npm.example.com" });
  await cloud.api("PUT", "/apps/npm/env/GREETING", { value: "hello" });
});
afterAll(async () => {
  await cloud.dispose();
  await registry.stop();
});

/** The program's own module is imported by a handler that answers with what it exports. */
const HANDLER = `import value from "./main.tsx"; export default async () => ({ value: await value });`;

let count = 0;
async function runOverHttp(source: string, more: Record<string, string> = {}): Promise<unknown> {
  const name = `program-${(count += 1)}`;
  const made = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: app,
    name,
    files: { "main.tsx": source, "handler.ts": HANDLER, ...more },
    entry: "handler.ts",
    limits: { startup_ms: 10_000, cpu_ms: 10_000 },
  });
  expect(made.body).toMatchObject({ name });
  await cloud.api("POST", `/scripts/${made.body.id}/routes`, { path: `/${name}` });
  const answer = await cloud.ask("npm.example.com", `/${name}`);
  return ((await answer.json()) as { value?: unknown }).value;
}

runBy(runOverHttp);
await import("../programs/frameworks.test.ts");
await import("../programs/libraries.test.ts");
await import("../programs/rendering.test.ts");
