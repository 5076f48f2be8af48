import { describe, expect, test } from "bun:test";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { diffFiles } from "../../src/cli/diff.ts";
import { slugOf } from "../../src/cli/commands/init.ts";
import { parseSince } from "../../src/cli/commands/logs.ts";
import { collectFiles } from "../../src/cli/project/files.ts";
import { readProject } from "../../src/cli/project/config.ts";
import { renderFrame } from "../../src/cli/project/code-frame.ts";
import { renderList } from "../../src/cli/output.ts";
import { readEvents } from "../../src/cli/sse.ts";
import { pic, temporaryFolder } from "./support.ts";

const answer = (status: number, body: unknown): typeof fetch =>
  Object.assign(async () => Response.json(body, { status }), { preconnect: fetch.preconnect });

const problem = (status: number, code: string) => ({
  type: `/problems/${code}`,
  title: "No",
  status,
  detail: "It did not work",
  code,
  request_id: "r-1",
});

describe("exit codes", () => {
  const token = { PICLOUD_TOKEN: "pcs_x", PICLOUD_URL: "http://127.0.0.1:9" };

  test("0 for the version, on stdout alone", async () => {
    expect(await pic(["--version"])).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" });
  });

  test.each([
    [["nonsense"], "Unknown command `nonsense`"],
    [["apps", "nonsense"], "Unknown verb `apps nonsense`"],
    [["apps", "get"], "Missing argument APP"],
    [["apps", "get", "a", "b"], "Unexpected argument `b`"],
    [["apps", "list", "--nonsense"], "Unknown option"],
    [["apps", "list", "-o", "xml"], "takes one of table, tsv, json"],
    [["apps", "list", "--url", "nonsense"], "is no http or https URL"],
  ])("2 for the usage error of %j, with the way to the help", async (argv, message) => {
    const run = await pic(argv, { env: token.PICLOUD_URL ? { PICLOUD_TOKEN: "pcs_x" } : {} });
    expect(run.code).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain("hint: ");
  });

  test("3 when nobody is signed in, naming the server", async () => {
    const run = await pic(["apps", "list"]);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("Not signed in to http://127.0.0.1:8080");
  });

  test.each([
    [401, 3],
    [404, 4],
    [409, 5],
    [503, 6],
    [429, 6],
    [403, 1],
    [422, 1],
    [500, 1],
  ])(
    "a problem of status %d exits with %d and prints code and request id",
    async (status, code) => {
      const run = await pic(["apps", "list"], {
        env: token,
        fetch: answer(status, problem(status, "some_code")),
      });
      expect(run.code).toBe(code);
      expect(run.stderr).toContain("code: some_code");
      expect(run.stderr).toContain("request: r-1");
    },
  );

  test("6 when no server is there, with the URL it looked at and how to change it", async () => {
    const run = await pic(["apps", "list"], { env: token });
    expect(run.code).toBe(6);
    expect(run.stderr).toContain("http://127.0.0.1:9");
    expect(run.stderr).toContain("PICLOUD_URL");
  });
});

describe("credentials", () => {
  const user = { id: "u", username: "anna", email: null, instance_role: "owner" };
  const session = { token: "pcs_secret", expires_at: "2030-01-01T00:00:00Z", user };

  test("a login is kept in a file that only its owner can read", async () => {
    const config = temporaryFolder();
    const run = await pic(["login", "-u", "anna"], {
      env: { XDG_CONFIG_HOME: config },
      answers: ["a password"],
      fetch: answer(200, session),
    });
    expect(run.code).toBe(0);
    const path = join(config, "picloud", "credentials.json");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, "utf8")).profiles.default.token).toBe("pcs_secret");
    expect(run.stdout + run.stderr).not.toContain("pcs_secret");
  });

  test("the password comes from standard input when there is no terminal", async () => {
    let sent = "";
    const record = Object.assign(
      async (_url: unknown, init?: RequestInit) => {
        sent = await new Response(init?.body ?? null).text();
        return Response.json(session);
      },
      { preconnect: fetch.preconnect },
    );
    await pic(["login", "-u", "anna"], { stdin: "from stdin\n", fetch: record });
    expect(JSON.parse(sent)).toEqual({ username: "anna", password: "from stdin" });
  });

  test("a stored token is never sent to another server", async () => {
    const config = temporaryFolder();
    await mkdir(join(config, "picloud"));
    const path = join(config, "picloud", "credentials.json");
    await writeFile(
      path,
      JSON.stringify({
        current: "default",
        profiles: { default: { url: "http://a.test", token: "pcs_a" } },
      }),
    );
    await chmod(path, 0o600);
    const run = await pic(["apps", "list", "--url", "http://b.test"], {
      env: { XDG_CONFIG_HOME: config },
    });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("Not signed in to http://b.test");
  });

  test("several profiles are kept apart, and PICLOUD_PROFILE chooses", async () => {
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    for (const name of ["home", "work"]) {
      const argv = ["login", "-u", "anna", "--profile", name, "--url", `http://${name}.test`];
      const signedIn = answer(200, { ...session, token: `pcs_${name}` });
      expect((await pic(argv, { env, answers: ["a password"], fetch: signedIn })).code).toBe(0);
    }
    const seen: string[] = [];
    const record = Object.assign(
      async (url: unknown, init?: RequestInit) => {
        seen.push(`${String(url)} ${new Headers(init?.headers).get("authorization")}`);
        return Response.json(user);
      },
      { preconnect: fetch.preconnect },
    );
    await pic(["whoami"], { env: { ...env, PICLOUD_PROFILE: "home" }, fetch: record });
    await pic(["whoami"], { env, fetch: record });
    expect(seen).toEqual([
      "http://home.test/api/v1/admin/auth/me Bearer pcs_home",
      "http://work.test/api/v1/admin/auth/me Bearer pcs_work",
    ]);
  });

  test("PICLOUD_TOKEN and PICLOUD_URL override the file", async () => {
    let seen: [string, string | null] = ["", null];
    const record = Object.assign(
      async (url: unknown, init?: RequestInit) => {
        seen = [String(url), new Headers(init?.headers).get("authorization")];
        return Response.json({ items: [], next_cursor: null });
      },
      { preconnect: fetch.preconnect },
    );
    await pic(["apps", "list"], {
      env: { PICLOUD_TOKEN: "pic_k", PICLOUD_URL: "http://c.test" },
      fetch: record,
    });
    expect(seen[0]).toStartWith("http://c.test/api/v1/admin/apps");
    expect(seen[1]).toBe("Bearer pic_k");
  });
});

describe("output", () => {
  const rows = [
    { a: "x\ty", b: null },
    { a: "long value", b: 3 },
  ];
  const columns = [
    { title: "a", value: (row: (typeof rows)[number]) => row.a },
    { title: "b", value: (row: (typeof rows)[number]) => row.b },
  ];

  test("a pipe gets tab-separated rows without titles, with tabs escaped", () => {
    expect(renderList("tsv", rows, columns)).toBe("x\\ty\t-\nlong value\t3\n");
  });

  test("json is a real array of the whole resources", () => {
    expect(JSON.parse(renderList("json", rows, columns))).toEqual(rows);
  });

  test("a table never passes terminal escapes on", () => {
    const text = renderList("table", [{ a: "\u001b[31mred", b: 1 }], columns);
    expect(text).not.toContain("\u001b");
    expect(text).toContain("\\x1b[31mred");
  });

  test("destruction without a terminal needs --yes", async () => {
    const env = { PICLOUD_TOKEN: "pcs_x" };
    const refused = await pic(["apps", "delete", "shop"], { env, fetch: answer(204, null) });
    expect(refused.code).toBe(2);
    const gone = Object.assign(async () => new Response(null, { status: 204 }), {
      preconnect: fetch.preconnect,
    });
    const done = await pic(["apps", "delete", "shop", "--yes"], {
      env,
      fetch: gone,
    });
    expect(done).toEqual({ code: 0, stdout: "", stderr: "Deleted the app shop\n" });
  });

  test("an answer of no changes nothing", async () => {
    const run = await pic(["apps", "delete", "shop"], {
      env: { PICLOUD_TOKEN: "pcs_x" },
      answers: ["n"],
    });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("Nothing was changed");
  });
});

describe("projects", () => {
  test.each(["hello", "hono", "api", "websocket", "sse", "static"])(
    "the template %s gives a readable project",
    async (name) => {
      const cwd = temporaryFolder();
      const run = await pic(["init", name, "My Shop"], { cwd });
      expect(run.code).toBe(0);
      const project = await readProject(join(cwd, "My Shop"));
      expect(project.app).toBe("my-shop");
      for (const script of Object.values(project.scripts)) {
        expect(Object.keys(await collectFiles(join(cwd, "My Shop"), script))).toContain(
          script.entry,
        );
      }
    },
  );

  test("init overwrites nothing", async () => {
    const cwd = temporaryFolder();
    await writeFile(join(cwd, "main.ts"), "mine");
    expect((await pic(["init"], { cwd })).code).toBe(5);
    expect(await readFile(join(cwd, "main.ts"), "utf8")).toBe("mine");
  });

  test("a script's files are its entry, its relative imports and its assets", async () => {
    const cwd = temporaryFolder();
    await mkdir(join(cwd, "lib"));
    await mkdir(join(cwd, "public"));
    await writeFile(
      join(cwd, "main.ts"),
      'import { a } from "./lib/a"; import "npm:hono"; export default () => a;',
    );
    await writeFile(join(cwd, "lib", "a.ts"), 'export { b as a } from "./b.ts";');
    await writeFile(join(cwd, "lib", "b.ts"), "export const b = 1;");
    await writeFile(join(cwd, "lib", "unused.ts"), "");
    await writeFile(join(cwd, "public", "x.txt"), "x");
    const files = await collectFiles(cwd, { entry: "main.ts", assets: ["public/**"], routes: [] });
    expect(Object.keys(files).sort()).toEqual(["lib/a.ts", "lib/b.ts", "main.ts", "public/x.txt"]);
  });

  test("an import out of the folder is refused by name", async () => {
    const cwd = temporaryFolder();
    await writeFile(join(cwd, "main.ts"), 'import "../../secret.ts";');
    await expect(collectFiles(cwd, { entry: "main.ts", assets: [], routes: [] })).rejects.toThrow(
      "outside of the project folder",
    );
  });

  test("deno.json may hold the project under its picloud key", async () => {
    const cwd = temporaryFolder();
    await writeFile(
      join(cwd, "deno.jsonc"),
      '{ /* mine */ "picloud": { "app": "a", "scripts": { "s": { "entry": "s.ts" } } } }',
    );
    expect((await readProject(cwd)).scripts["s"]?.entry).toBe("s.ts");
  });

  test("a project that is wrong is refused with the path", async () => {
    const cwd = temporaryFolder();
    await writeFile(
      join(cwd, "picloud.json"),
      '{ "app": "a", "scripts": { "s": { "entri": "s.ts" } } }',
    );
    await expect(readProject(cwd)).rejects.toThrow("picloud.json is not valid at scripts.s");
  });
});

describe("texts", () => {
  test("a code frame points at the column", () => {
    expect(renderFrame("one\ntwo\nthree", 2, 2)).toBe(
      "  1 | one\n> 2 | two\n    |  ^\n  3 | three",
    );
  });

  test("a diff is in the unified form and applies", async () => {
    const before = "a\nb\nc\nd\ne\nf\ng\nh\n";
    const after = "a\nb\nc\nD\ne\nf\ng\nh\ni\n";
    const text = diffFiles({ f: before }, { f: after });
    const cwd = temporaryFolder();
    await writeFile(join(cwd, "f"), before);
    const patch = Bun.spawn(["git", "apply", "-"], {
      cwd,
      stdin: new Blob([text]),
      stderr: "pipe",
    });
    expect(await patch.exited).toBe(0);
    expect(await readFile(join(cwd, "f"), "utf8")).toBe(after);
  });

  test("an age counts back from now", () => {
    const now = Date.parse("2026-01-02T00:00:00Z");
    expect(parseSince("90m", now)).toBe("2026-01-01T22:30:00.000Z");
    expect(() => parseSince("yesterday-ish", now)).toThrow("is no time");
  });

  test.each([
    ["My Shop!", "my-shop"],
    ["---", "app"],
    ["a".repeat(80), "a".repeat(63)],
  ])("the folder %s gives the slug %s", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  test("server-sent events come whole, however they are cut", async () => {
    const bytes = new TextEncoder().encode(
      ": hi\r\n\r\nid: 1\r\ndata: a\r\ndata: b\r\n\r\nevent: x\ndata:c\n\n",
    );
    for (const size of [1, 3, 100]) {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size)
            controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const events = await Array.fromAsync(readEvents(stream));
      expect(events).toEqual([
        { id: "1", event: "message", data: "a\nb" },
        { id: undefined, event: "x", data: "c" },
      ]);
    }
  });
});

test.each(["bash", "zsh"])("the completions of %s are a valid script", async (shell) => {
  const run = await pic(["completions", shell]);
  expect(run.stdout).toContain("api-keys");
  expect(run.stdout).toContain("--dry-run");
  // Debian has no zsh by default; its case statement is bash's, which is what can be checked here.
  const check = Bun.spawn(["bash", "-n"], { stdin: new Blob([run.stdout]), stderr: "pipe" });
  expect({ code: await check.exited, err: await new Response(check.stderr).text() }).toEqual({
    code: 0,
    err: "",
  });
});
