import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../cli/support.ts";
import { eventually, freePort, type Instance, OWNER, startInstance } from "../support/instance.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
/** The executable, where the runner has built one; else the source form. */
const executable = process.env["PICLOUD_TEST_EXECUTABLE"];
const PROGRAM = executable === undefined ? [process.execPath, MAIN] : [executable];
const config = temporaryFolder();
const work = temporaryFolder();

let cloud: Instance;
beforeAll(async () => {
  cloud = await startInstance({ command: PROGRAM });
}, 90_000);
afterAll(() => cloud.dispose());

const environment = (): Record<string, string | undefined> => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  XDG_CONFIG_HOME: config,
  PICLOUD_URL: cloud.url,
});

async function pic(argv: string[], options: { stdin?: string; cwd?: string } = {}) {
  const child = Bun.spawn([...PROGRAM, "pic", ...argv], {
    cwd: options.cwd ?? work,
    env: environment(),
    stdin: new Blob([options.stdin ?? ""]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

/** Runs and insists on success, so that a later step does not fail for an earlier one's reason. */
async function ok(argv: string[], options: { stdin?: string; cwd?: string } = {}): Promise<string> {
  const run = await pic(argv, options);
  expect({ argv, code: run.code, stderr: run.code === 0 ? "" : run.stderr }).toEqual({
    argv,
    code: 0,
    stderr: "",
  });
  return run.stdout;
}

describe("pic against a real server", () => {
  test("signs in with the password on standard input", async () => {
    expect((await pic(["apps", "list"])).code).toBe(3);
    await ok(["login", "-u", OWNER.username], { stdin: `${OWNER.password}\n` });
    expect(JSON.parse(await ok(["whoami", "-o", "json"]))).toMatchObject({
      username: OWNER.username,
      instance_role: "owner",
    });
  });

  test("deploys a project, which answers at once", async () => {
    await ok(["init", "hello", "shop"]);
    const run = await pic(["deploy", "shop"]);
    expect(run.stdout).toContain("app\tshop\tcreated");
    expect(run.stdout).toContain("script\thello\tcreated");
    expect(run.stderr).toContain("shop.localhost");
    const answer = await cloud.ask("shop.localhost", "/greet/anna");
    expect(await answer.json()).toEqual({ hello: "anna", path: "/greet/anna" });
    expect((await pic(["deploy", "shop"])).stdout).toBe("script\thello\tunchanged\n");
  });

  test("shows what a dry run would do and does nothing", async () => {
    const path = join(work, "shop", "main.ts");
    const before = await readFile(path, "utf8");
    await writeFile(path, before.replace("hello: name", "hi: name"));
    expect(await ok(["deploy", "shop", "--dry-run"])).toContain("script\thello\twould be updated");
    expect(await (await cloud.ask("shop.localhost", "/greet/anna")).json()).toHaveProperty("hello");
  });

  test("saves a version, shows the difference, rolls back", async () => {
    expect(await ok(["deploy", "shop"])).toContain("script\thello\tupdated to version 2");
    expect(await (await cloud.ask("shop.localhost", "/greet/anna")).json()).toHaveProperty("hi");
    const versions = JSON.parse(await ok(["versions", "shop/hello", "-o", "json"]));
    expect(
      versions.map((row: { version: number; live: boolean }) => [row.version, row.live]),
    ).toEqual([
      [2, true],
      [1, false],
    ]);
    const diff = await ok(["diff", "shop/hello"]);
    expect(diff).toContain("-  return Response.json({ hello: name,");
    expect(diff).toContain("+  return Response.json({ hi: name,");
    expect(await ok(["diff", "shop/hello", "--folder", "shop"])).toBe("");
    const withFolder = await ok(["diff", "shop/hello", "1", "--folder", "shop"]);
    expect(withFolder).toContain("+  return Response.json({ hi: name,");
    await ok(["rollback", "shop/hello"]);
    expect(await (await cloud.ask("shop.localhost", "/greet/anna")).json()).toHaveProperty("hello");
  });

  test("deploys again after every save while it watches", async () => {
    const child = Bun.spawn([...PROGRAM, "pic", "deploy", "shop", "--watch"], {
      cwd: work,
      env: environment(),
      stdout: "ignore",
      stderr: "ignore",
    });
    const path = join(work, "shop", "main.ts");
    const answered = async () => await (await cloud.ask("shop.localhost", "/greet/anna")).text();
    // The rollback before this left version 1 live: the first round brings the folder's state back.
    await eventually(async () => (await answered()).includes('"hi"'));
    await writeFile(path, (await readFile(path, "utf8")).replace("hi: name", "watched: name"));
    await eventually(async () => (await answered()).includes('"watched"'));
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
  });

  test("points at the place of a syntax error", async () => {
    const broken = join(work, "broken");
    await ok(["init", "hello", "broken"]);
    await writeFile(join(broken, "main.ts"), "const a = 1;\nconst b = ;\n");
    const run = await pic(["deploy", "broken"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("> 2 | const b = ;");
    expect(run.stderr).toContain("code: invalid_source");
  });

  test("reads the logs, with what the script printed", async () => {
    const items = await eventually(async () => {
      const list = JSON.parse(await ok(["logs", "shop/hello", "-o", "json"]));
      return list.length > 0 && list;
    });
    expect(items[0]).toMatchObject({
      outcome: "completed",
      logs: [{ message: "greeting", data: "anna" }],
    });
  });

  test("follows the logs as they happen", async () => {
    const child = Bun.spawn([...PROGRAM, "pic", "logs", "shop", "--follow", "--json"], {
      cwd: work,
      env: environment(),
      stdout: "pipe",
      stderr: "inherit",
    });
    const reader = child.stdout.getReader();
    const line = reader.read();
    let seen = false;
    void line.then(() => (seen = true));
    await eventually(async () => {
      await cloud.ask("shop.localhost", "/greet/follower");
      return seen;
    });
    const { value } = await line;
    expect(new TextDecoder().decode(value)).toContain("/greet/follower");
    child.kill();
    await child.exited;
  });

  test("invokes a script with a body from a file, and fails as the answer fails", async () => {
    await writeFile(
      join(work, "echo.ts"),
      "export default { async fetch(r) { return new Response(r.method + ' ' + r.headers.get('x-a') + ' ' + await r.text(), { status: r.url.includes('bad') ? 418 : 200 }); } };",
    );
    await ok(["scripts", "put", "shop", "echo.ts"]);
    await writeFile(join(work, "body.txt"), "a body");
    expect(await ok(["invoke", "shop/echo", "/x", "-d", "@body.txt", "-H", "x-a: 1"])).toBe(
      "POST 1 a body",
    );
    const run = await pic(["invoke", "shop/echo", "/bad"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("418");
  });

  test("sets variables and secrets, and shows no secret", async () => {
    await ok(["env", "set", "shop", "GREETING", "hello"]);
    await ok(["secrets", "set", "shop", "TOKEN"], { stdin: "very-secret-value\n" });
    expect(await ok(["env", "list", "shop"])).toContain("GREETING\thello");
    const secrets = await ok(["secrets", "list", "shop", "-o", "json"]);
    expect(secrets).toContain("TOKEN");
    expect(secrets).not.toContain("very-secret-value");
    await ok(["env", "unset", "shop", "GREETING", "--yes"]);
    expect(await ok(["env", "list", "shop"])).toBe("");
  });

  test("manages apps, domains, routes, users, members and keys", async () => {
    await ok(["apps", "create", "team"]);
    await ok(["domains", "add", "team", "team.example.com"]);
    expect(await ok(["domains", "list", "team"])).toStartWith("team.example.com\tstrict");
    await ok(["scripts", "put", "team", "echo.ts"]);
    const route = JSON.parse(
      await ok(["routes", "add", "team/echo", "/r/:id", "-m", "GET", "-o", "json"]),
    );
    const match = JSON.parse(
      await ok(["routes", "match", "http://team.example.com/r/1", "-o", "json"]),
    );
    expect(match).toMatchObject({ matched: true, params: { id: "1" } });
    await ok(["routes", "remove", route.id, "--yes"]);
    await ok(["users", "create", "bert"], { stdin: "a long password\n" });
    await ok(["members", "add", "team", "bert", "editor"]);
    expect(await ok(["members", "list", "team"])).toStartWith("bert\teditor");
    await ok(["members", "remove", "team", "bert", "-y"]);
    const key = JSON.parse(
      await ok(["api-keys", "create", "ci", "-s", "script:read", "-o", "json"]),
    );
    expect(key.raw_token).toStartWith("pic_");
    await ok(["api-keys", "revoke", key.id, "-y"]);
    await ok(["users", "delete", "bert", "-y"]);
    const conflict = await pic(["apps", "create", "team"]);
    expect(conflict.code).toBe(5);
    expect((await pic(["apps", "get", "no-such-app"])).code).toBe(4);
    await ok(["apps", "delete", "team", "--force", "-y"]);
  });

  test("the doctor finds everything well", async () => {
    const run = await pic(["doctor"]);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).not.toContain("FAILED");
  });

  test("signs out on the server, too", async () => {
    const { profiles } = JSON.parse(
      await readFile(join(config, "picloud", "credentials.json"), "utf8"),
    );
    await ok(["logout"]);
    const response = await fetch(`${cloud.url}/api/v1/admin/auth/me`, {
      headers: { authorization: `Bearer ${profiles.default.token}` },
    });
    expect(response.status).toBe(401);
    expect((await pic(["whoami"])).code).toBe(3);
  });
});

test("pic dev serves a folder without an account, live on save, with logs and errors inline", async () => {
  const folder = join(temporaryFolder(), "site");
  await pic(["init", "hello", folder]);
  const port = await freePort();
  const child = Bun.spawn([...PROGRAM, "pic", "dev", folder, "--port", String(port)], {
    cwd: work,
    env: { ...environment(), PICLOUD_URL: undefined },
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const chunk of stream) output += new TextDecoder().decode(chunk);
  };
  void collect(child.stdout);
  void collect(child.stderr);
  try {
    const url = `http://localhost:${port}/greet/dev`;
    await eventually(async () => output.includes("Ready on"), 30_000);
    expect(await (await fetch(url)).json()).toMatchObject({ hello: "dev" });
    await eventually(async () => output.includes('greeting "dev"'));
    const path = join(folder, "main.ts");
    const source = await readFile(path, "utf8");
    await writeFile(path, source.replace("hello: name", "saved: name"));
    await eventually(async () => "saved" in ((await (await fetch(url)).json()) as object));
    await writeFile(path, "const broken = ;");
    await eventually(async () => output.includes("> 1 | const broken = ;"));
    expect(await (await fetch(url)).json()).toMatchObject({ saved: "dev" });
  } catch (error) {
    throw new Error(`pic dev printed:\n${output}`, { cause: error });
  } finally {
    child.kill("SIGTERM");
  }
  expect(await child.exited).toBe(0);
}, 60_000);
