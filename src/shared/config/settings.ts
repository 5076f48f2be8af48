/** Every variable that the server reads, once: its name, what is allowed, what it is without one. */
import type * as v from "valibot";
import { LOG_LEVELS } from "../logger.ts";
import {
  baseUrl,
  bindAddress,
  cidrList,
  databaseUrl,
  integer,
  key32,
  oneOf,
  text,
  username,
} from "./parsers.ts";

export interface Setting<T, Default extends string | null = string | null> {
  name: string;
  schema: v.GenericSchema<string, T>;
  /** Parsed like a given value; null where there is none. */
  default: Default;
  /** Ends the sentence "Allowed is ...". */
  allowed: string;
  description: string;
  /** Its value appears in no message. */
  secret: boolean;
}

interface Declaration<T> {
  schema: v.GenericSchema<string, T>;
  allowed: string;
  description: string;
  secret?: boolean;
}

function required<T>(name: string, fallback: string, rest: Declaration<T>): Setting<T, string> {
  return { secret: false, ...rest, name, default: fallback };
}

function optional<T>(name: string, rest: Declaration<T>): Setting<T, null> {
  return { secret: false, ...rest, name, default: null };
}

function count(name: string, fallback: number, min: number, max: number, description: string) {
  return required(name, String(fallback), {
    schema: integer(min, max),
    allowed: `a whole number from ${min} to ${max}`,
    description,
  });
}

const ADDRESS = "host:port, [v6 address]:port or :port";

export const SETTINGS = {
  bind: required("PICLOUD_BIND", "0.0.0.0:8080", {
    schema: bindAddress,
    allowed: ADDRESS,
    description: "Where the platform listens",
  }),
  adminBind: optional("PICLOUD_ADMIN_BIND", {
    schema: bindAddress,
    allowed: ADDRESS,
    description: "A listener of its own for control plane and dashboard",
  }),
  publicBaseUrl: optional("PICLOUD_PUBLIC_BASE_URL", {
    schema: baseUrl,
    allowed: "an http or https URL without path, such as https://cloud.example.com",
    description: "How the outside reaches the platform",
  }),
  domainOwnership: required("PICLOUD_DOMAIN_OWNERSHIP", "off", {
    schema: oneOf(["off", "dns"]),
    allowed: "one of off, dns",
    description: "dns: members prove by a TXT record that a host they claim is theirs",
  }),
  trustedProxies: optional("PICLOUD_TRUSTED_PROXIES", {
    schema: cidrList,
    allowed: "addresses and CIDRs with commas between, such as 127.0.0.1,10.0.0.0/8",
    description:
      "Whose X-Forwarded-For, -Proto and -Host (or else Forwarded) are believed; they must write or remove all of these themselves",
  }),
  dataDir: required("PICLOUD_DATA_DIR", "./data", {
    schema: text(1, 4_096),
    allowed: "a directory",
    description:
      "Embedded database, image cache and master key; /var/lib/picloud when started as root",
  }),
  databaseUrl: optional("DATABASE_URL", {
    schema: databaseUrl,
    allowed: "postgres://user:password@host:port/database",
    description: "A PostgreSQL to use in place of the embedded one",
    secret: true,
  }),
  databaseOwnerUrl: optional("PICLOUD_DATABASE_OWNER_URL", {
    schema: databaseUrl,
    allowed: "postgres://user:password@host:port/database",
    description:
      "With DATABASE_URL: the role that owns and migrates the tables, when it is another",
    secret: true,
  }),
  adminUsername: optional("PICLOUD_ADMIN_USERNAME", {
    schema: username,
    allowed: "3 to 64 of A-Z a-z 0-9 . _ -",
    description: "The first owner; without effect once a user exists",
  }),
  adminPassword: optional("PICLOUD_ADMIN_PASSWORD", {
    schema: text(8, 1_024),
    allowed: "8 to 1024 characters",
    description:
      "The first owner's password; generated into a file in the data directory without it",
    secret: true,
  }),
  masterKey: optional("PICLOUD_MASTER_KEY", {
    schema: key32,
    allowed: "32 bytes as base64 or hex (openssl rand -base64 32)",
    description: "Encrypts secrets at rest; a file in the data directory without it",
    secret: true,
  }),
  newMasterKey: optional("PICLOUD_NEW_MASTER_KEY", {
    schema: key32,
    allowed: "32 bytes as base64 or hex (openssl rand -base64 32)",
    description:
      "Read by picloud admin rotate-master-key only: the successor of PICLOUD_MASTER_KEY",
    secret: true,
  }),
  sessionTtlHours: count(
    "PICLOUD_SESSION_TTL_HOURS",
    24,
    1,
    8_760,
    "Sessions end after this long without use",
  ),
  argon2MemoryKib: count(
    "PICLOUD_ARGON2_MEMORY_KIB",
    19_456,
    8,
    4_194_304,
    "Memory that hashing a password takes",
  ),
  argon2Iterations: count(
    "PICLOUD_ARGON2_ITERATIONS",
    2,
    1,
    100,
    "Passes that hashing a password makes",
  ),
  metricsToken: optional("PICLOUD_METRICS_TOKEN", {
    schema: text(8, 1_024),
    allowed: "8 to 1024 characters",
    description: "A bearer token that may read /metrics and nothing else",
    secret: true,
  }),
  recordsPerSecond: count(
    "PICLOUD_RECORDS_PER_SECOND",
    200,
    0,
    1_000_000,
    "Full records of plain successes kept per second",
  ),
  retentionDays: count(
    "PICLOUD_RETENTION_DAYS",
    7,
    1,
    3_650,
    "Execution records are kept this long",
  ),
  retentionMb: count(
    "PICLOUD_RETENTION_MB",
    500,
    1,
    10_000_000,
    "Execution records take this much of the disk",
  ),
  executorProcesses: optional("PICLOUD_EXECUTOR_PROCESSES", {
    schema: integer(1, 256),
    allowed: "a whole number from 1 to 256",
    description: "Processes that run scripts, at most; one per core without it",
  }),
  inline: required("PICLOUD_INLINE", "on", {
    schema: oneOf(["on", "off"]),
    allowed: "one of on, off",
    description:
      "on: scripts that have been short and synchronous run in the platform's own process; off: every script in an executor process",
  }),
  maxConcurrent: optional("PICLOUD_MAX_CONCURRENT", {
    schema: integer(1, 1_000_000),
    allowed: "a whole number from 1 to 1000000",
    description: "Executions that run or wait at once; by the memory there is without it",
  }),
  imageCacheMb: count("PICLOUD_IMAGE_CACHE_MB", 64, 1, 65_536, "Memory for the images of scripts"),
  shutdownGraceMs: count(
    "PICLOUD_SHUTDOWN_GRACE_MS",
    10_000,
    0,
    600_000,
    "Running requests may end within this time at shutdown",
  ),
  logLevel: required("PICLOUD_LOG_LEVEL", "info", {
    schema: oneOf(LOG_LEVELS),
    allowed: `one of ${LOG_LEVELS.join(", ")}`,
    description: "The least that is logged",
  }),
  logFormat: required("PICLOUD_LOG_FORMAT", "auto", {
    schema: oneOf(["auto", "json", "human"]),
    allowed: "one of auto, json, human",
    description: "auto is human on a terminal and json elsewhere",
  }),
} as const satisfies Record<string, Setting<unknown>>;

/** Read by `pic`, so the server must not call them unknown. */
export const CLI_VARIABLES = ["PICLOUD_URL", "PICLOUD_TOKEN", "PICLOUD_PROFILE"] as const;
