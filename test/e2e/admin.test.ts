import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Instance, makeDataDir, OWNER, startInstance } from "../support/instance.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

async function admin(dataDir: string, argv: string[], stdin = "") {
  const child = Bun.spawn([process.execPath, MAIN, "admin", ...argv], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PICLOUD_DATA_DIR: dataDir },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

let cloud: Instance;
beforeAll(async () => {
  cloud = await startInstance({ dataDir: makeDataDir() });
}, 90_000);
afterAll(() => cloud.dispose());

const login = (password: string) =>
  fetch(`${cloud.url}/api/v1/admin/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: OWNER.username, password }),
  });

describe("picloud admin, beside a running server", () => {
  test("lists the users", async () => {
    const run = await admin(cloud.dataDir, ["list-users"]);
    expect(run).toEqual({ code: 0, stdout: `${OWNER.username}\towner\tactive\t-\n`, stderr: "" });
  });

  test("resets a password, which ends the user's sessions in the server", async () => {
    expect((await cloud.api("GET", "/auth/me")).status).toBe(200);
    const run = await admin(
      cloud.dataDir,
      ["reset-password", OWNER.username],
      "a brand new password\n",
    );
    expect(run.code).toBe(0);
    expect(run.stdout + run.stderr).not.toContain("a brand new password");
    expect((await login(OWNER.password)).status).toBe(401);
    expect((await login("a brand new password")).status).toBe(200);
    expect((await cloud.api("GET", "/auth/me")).status).toBe(401);
  });

  test("makes a further owner, once", async () => {
    expect(
      (await admin(cloud.dataDir, ["create-owner", "rescue"], "another good one\n")).code,
    ).toBe(0);
    const again = await admin(cloud.dataDir, ["create-owner", "Rescue"], "another good one\n");
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("Another user has this name");
  });

  test.each([
    [["reset-password", "nobody"], "a good password!\n", 1, "There is no user nobody"],
    [["reset-password", OWNER.username], "short\n", 1, "12 to 1024 characters"],
    [["create-owner", "a b"], "a good password!\n", 1, "A user name is"],
    [["reset-password"], "", 2, "Usage"],
    [["nonsense"], "", 2, "Usage"],
  ])("refuses %j", async (argv, stdin, code, message) => {
    const run = await admin(cloud.dataDir, argv, stdin);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(message);
  });
});

test("picloud admin works without a server, too", async () => {
  await cloud.stop();
  const run = await admin(cloud.dataDir, ["list-users"]);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("rescue\towner\tactive");
});
