import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { testDatabase } from "../support/postgres.ts";
import {
  eventually,
  freePort,
  type Instance,
  makeDataDir,
  startInstance,
} from "../support/instance.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const open: Instance[] = [];
const start: typeof startInstance = async (options) => {
  const instance = await startInstance(options);
  open.push(instance);
  return instance;
};
afterAll(async () => {
  for (const instance of open) await instance.dispose();
});

/** Runs `picloud serve` until it ends by itself. */
async function failingStart(env: Record<string, string>, argv: string[] = []) {
  const child = Bun.spawn([process.execPath, MAIN, "serve", ...argv], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

async function deploy(cloud: Instance, slug: string, source: string): Promise<string> {
  const app = await cloud.api<{ id: string }>("POST", "/apps", { slug, name: slug });
  await cloud.api("POST", `/apps/${slug}/domains`, { host: `${slug}.example.com` });
  const script = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: app.body.id,
    name: "s",
    source,
  });
  expect(script.status).toBe(201);
  await cloud.api("POST", `/scripts/${script.body.id}/routes`, { path: "/*" });
  return script.body.id;
}

describe("the first start", () => {
  test("makes an owner, whose generated password lies in a file that only the service reads", async () => {
    const dataDir = makeDataDir();
    const port = await freePort();
    const child = Bun.spawn([process.execPath, MAIN, "serve"], {
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        PICLOUD_DATA_DIR: dataDir,
        PICLOUD_BIND: `127.0.0.1:${port}`,
      },
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = child.stdout.getReader();
    let said = "";
    while (!said.includes("password lies in")) {
      const { value, done } = await reader.read();
      if (done) break;
      said += new TextDecoder().decode(value);
    }
    const [, username, file] = /first owner is (\S+); the password lies in (\S+)/.exec(said) ?? [];
    expect(username).toBe("admin");
    expect((await stat(file ?? "")).mode & 0o777).toBe(0o600);
    const password = (await Bun.file(file ?? "").text()).trim();
    expect(said).not.toContain(password);
    const login = await fetch(`http://127.0.0.1:${port}/api/v1/admin/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    expect(login.status).toBe(200);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    rmSync(dataDir, { recursive: true });
  });
});

describe("a later start", () => {
  test("has everything the first one acknowledged, also after kill -9", async () => {
    const first = await start();
    await deploy(first, "kept", "export default () => 'kept';");
    await first.stop("SIGKILL");
    const second = await start({
      dataDir: first.dataDir,
      env: { PICLOUD_ADMIN_PASSWORD: "this changes nothing" },
    }).catch((error: unknown) => {
      throw new Error(`The second start failed: ${String(error)}`);
    });
    // The password of the first start still holds: the helper's login used it and failed with the new one.
    expect(await (await second.ask("kept.example.com", "/")).json()).toBe("kept");
    expect(second.output()).not.toContain("first owner");
  });

  test("gives the runtime its settings, as the same process", async () => {
    const cloud = await start({ command: [process.execPath, MAIN] });
    const environment = await readFile(`/proc/${cloud.pid}/environ`, "utf8");
    expect(environment.split("\0")).toContain("MIMALLOC_PURGE_DELAY=10000");
    expect(environment).toMatch(/BUN_JSC_maxNumWasmFastMemories=(?:[1-9]\d+)\0/);
    const command = await readFile(`/proc/${cloud.pid}/cmdline`, "utf8");
    expect(command.split("\0").slice(1, 3)).toEqual([MAIN, "serve"]);
  });

  test("is refused while another process has the data, with its pid", async () => {
    const cloud = await start();
    const run = await failingStart({
      PICLOUD_DATA_DIR: cloud.dataDir,
      PICLOUD_BIND: "127.0.0.1:0",
    });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`process ${cloud.pid} has it open`);
  });
});

describe("the end", () => {
  test("lets running requests end, and writes their records", async () => {
    const cloud = await start();
    const scriptId = await deploy(
      cloud,
      "slow",
      "export default async () => { console.log('begun'); await new Promise((r) => setTimeout(r, 700)); return 'done'; };",
    );
    const answer = cloud.ask("slow.example.com", "/");
    await eventually(async () =>
      (await (await fetch(`${cloud.url}/metrics`)).text()).includes("picloud_executions_running 1"),
    );
    const stopped = cloud.stop("SIGTERM");
    expect(await (await answer).json()).toBe("done");
    expect(await stopped).toBe(0);
    const again = await start({ dataDir: cloud.dataDir });
    const logs = await again.api<{ items: { outcome: string }[] }>(
      "GET",
      `/scripts/${scriptId}/logs`,
    );
    expect(logs.body.items.map(({ outcome }) => outcome)).toEqual(["completed"]);
  });
});

describe("two processes on one database", () => {
  test("each has the other's changes within a second", async () => {
    const { ownerUrl, url, drop } = await testDatabase();
    const env = {
      DATABASE_URL: url,
      PICLOUD_DATABASE_OWNER_URL: ownerUrl,
      PICLOUD_MASTER_KEY: "A".repeat(43) + "=",
    };
    const one = await start({ env });
    const two = await start({ env });
    const scriptId = await deploy(one, "shared", "export default () => 1;");
    const answers = (cloud: Instance, wanted: number) =>
      eventually(async () => {
        const response = await cloud.ask("shared.example.com", "/");
        return response.status === 200 && (await response.json()) === wanted;
      }, 1_000);
    await answers(two, 1);
    await two.api("PUT", `/scripts/${scriptId}`, { source: "export default () => 2;" });
    expect(await (await two.ask("shared.example.com", "/")).json()).toBe(2);
    await answers(one, 2);
    await one.stop();
    await two.stop();
    await drop();
  });
});

describe("a start that cannot be", () => {
  test("names every wrong variable, its value and what is allowed, and no secret", async () => {
    const run = await failingStart({
      PICLOUD_BIND: "nonsense",
      PICLOUD_RETENTION_DAYS: "-1",
      PICLOUD_ADMIN_PASSWORD: "short",
    });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('PICLOUD_BIND: "nonsense" is not allowed');
    expect(run.stderr).toContain("PICLOUD_RETENTION_DAYS");
    expect(run.stderr).toContain("PICLOUD_ADMIN_PASSWORD: the given value is not allowed");
  });

  test("says that the port is taken", async () => {
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const dataDir = makeDataDir();
    const run = await failingStart({
      PICLOUD_DATA_DIR: dataDir,
      PICLOUD_BIND: `127.0.0.1:${other.port}`,
    });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(String(other.port));
    expect(run.stderr).toContain("PICLOUD_BIND");
    await other.stop(true);
    rmSync(dataDir, { recursive: true });
  });

  test("serve --help lists the variables", async () => {
    const run = await failingStart({}, ["--help"]);
    expect(run.code).toBe(0);
    for (const name of ["PICLOUD_BIND", "DATABASE_URL", "PICLOUD_MAX_CPU_MS"])
      expect(run.stdout).toContain(name);
  });
});
