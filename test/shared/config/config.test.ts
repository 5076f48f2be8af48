import { describe, expect, test } from "bun:test";
import { ConfigError, configWarnings, loadConfig } from "../../../src/shared/config/config.ts";
import { configHelp } from "../../../src/shared/config/help.ts";
import { redactedConfig } from "../../../src/shared/config/redacted.ts";

function problemsOf(env: Record<string, string>): readonly { variable: string; message: string }[] {
  try {
    loadConfig(env, false);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("loadConfig()", () => {
  test("gives the documented defaults for an empty environment", () => {
    const config = loadConfig({}, false);
    expect(config.bind).toEqual({ hostname: "0.0.0.0", port: 8080 });
    expect(config.dataDir).toBe("./data");
    expect(config.sessionTtlHours).toBe(24);
    expect(config.recordsPerSecond).toBe(200);
    expect([config.retentionDays, config.retentionMb]).toEqual([7, 500]);
    expect(config.databaseUrl).toBeNull();
    expect(config.ceilings.memory_mb).toBe(256);
  });

  test("puts root's data under /var/lib, unless told where", () => {
    expect(loadConfig({}, true).dataDir).toBe("/var/lib/picloud");
    expect(loadConfig({ PICLOUD_DATA_DIR: "/srv/p" }, true).dataDir).toBe("/srv/p");
  });

  test("takes an empty variable as absent", () => {
    expect(loadConfig({ PICLOUD_BIND: "", DATABASE_URL: "" }, false).bind.port).toBe(8080);
  });

  test("names every wrong variable at once, with its value and what is allowed", () => {
    const problems = problemsOf({ PICLOUD_BIND: "nowhere", PICLOUD_RETENTION_DAYS: "soon" });
    expect(problems.map(({ variable }) => variable)).toEqual([
      "PICLOUD_BIND",
      "PICLOUD_RETENTION_DAYS",
    ]);
    expect(problems[1]?.message).toBe(
      'Cannot use PICLOUD_RETENTION_DAYS: "soon" is not allowed. Allowed is a whole number from 1 to 3650',
    );
  });

  test("never repeats a secret", () => {
    const env = {
      PICLOUD_MASTER_KEY: "tiny-secret",
      PICLOUD_ADMIN_PASSWORD: "pw",
      DATABASE_URL: "mysql://root:tiny-secret@db/x",
    };
    const problems = problemsOf(env);
    expect(problems).toHaveLength(3);
    for (const { message } of problems) expect(message).not.toMatch(/tiny-secret|"pw"/);
  });

  test("wants the owner's database only beside DATABASE_URL", () => {
    const owner = { PICLOUD_DATABASE_OWNER_URL: "postgres://o:p@db/x" };
    expect(problemsOf(owner)[0]?.message).toContain("it goes with DATABASE_URL");
    expect(problemsOf({ ...owner, DATABASE_URL: "postgres://a:p@db/x" })).toEqual([]);
  });

  test.each([
    [":9000", { hostname: "0.0.0.0", port: 9000 }],
    ["127.0.0.1:0", { hostname: "127.0.0.1", port: 0 }],
    ["[::1]:80", { hostname: "::1", port: 80 }],
  ])("reads the address %s", (given, expected) => {
    expect(loadConfig({ PICLOUD_BIND: given }, false).bind).toEqual(expected);
  });

  test.each([
    ["PICLOUD_BIND", "8080"],
    ["PICLOUD_BIND", "::1:80"],
    ["PICLOUD_BIND", "a:65536"],
    ["PICLOUD_BIND", "http://a:80"],
    ["PICLOUD_PUBLIC_BASE_URL", "https://a.example/path"],
    ["PICLOUD_PUBLIC_BASE_URL", "ftp://a.example"],
    ["PICLOUD_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["PICLOUD_TRUSTED_PROXIES", "10.0.0.1,proxy.local"],
    ["PICLOUD_MAX_CPU_MS", "0"],
    ["PICLOUD_MAX_CPU_MS", "1e3"],
    ["PICLOUD_MAX_MEMORY_MB", "4097"],
    ["PICLOUD_LOG_LEVEL", "loud"],
    ["DATABASE_URL", "postgres://host-without-database"],
  ])("refuses %s=%s", (name, value) => {
    expect(problemsOf({ [name]: value }).map(({ variable }) => variable)).toEqual([name]);
  });

  test("reads the master key as base64, base64url and hex alike", () => {
    const bytes = crypto.getRandomValues(Buffer.alloc(32));
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      const { masterKey } = loadConfig({ PICLOUD_MASTER_KEY: bytes.toString(encoding) }, false);
      expect(masterKey).toEqual(new Uint8Array(bytes));
    }
  });

  test("reads proxies as a list, and ceilings by the limit's name", () => {
    const config = loadConfig(
      { PICLOUD_TRUSTED_PROXIES: "127.0.0.1, fd00::/8", PICLOUD_MAX_WALL_MS: "5" },
      false,
    );
    expect(config.trustedProxies).toEqual(["127.0.0.1", "fd00::/8"]);
    expect(config.ceilings.wall_ms).toBe(5);
  });
});

describe("configWarnings()", () => {
  test("names the variable that was perhaps meant", () => {
    expect(configWarnings({ PICLOUD_DATADIR: "x", PICLOUD_TOKEN: "t", PATH: "/bin" })).toEqual([
      "Ignoring the unknown variable PICLOUD_DATADIR: did you mean PICLOUD_DATA_DIR?",
    ]);
  });

  test("says where all are listed when none is near", () => {
    expect(configWarnings({ PICLOUD_COLOUR: "x" })[0]).toContain("picloud serve --help");
  });
});

test("configHelp() names every variable of the HTTP contract", () => {
  const help = configHelp();
  for (const name of [
    "PICLOUD_BIND",
    "PICLOUD_ADMIN_BIND",
    "PICLOUD_DATA_DIR",
    "DATABASE_URL",
    "PICLOUD_ADMIN_USERNAME",
    "PICLOUD_ADMIN_PASSWORD",
    "PICLOUD_PUBLIC_BASE_URL",
    "PICLOUD_SESSION_TTL_HOURS",
    "PICLOUD_MASTER_KEY",
    "PICLOUD_RECORDS_PER_SECOND",
    "PICLOUD_RETENTION_DAYS",
    "PICLOUD_RETENTION_MB",
    "PICLOUD_MAX_WALL_MS",
    "PICLOUD_MAX_CONCURRENCY",
  ])
    expect(help).toContain(`  ${name}`);
});

test("redactedConfig() says of a secret only that it was given", () => {
  const config = loadConfig({ PICLOUD_METRICS_TOKEN: "scrape-me-now" }, false);
  expect(redactedConfig(config)).toMatchObject({ metricsToken: "[given]", masterKey: null });
});
