/** A control plane on a database of its own, with people who call it. */
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import type { Database } from "../../../src/manager/db/connect.ts";
import { apiKeys } from "../../../src/manager/db/tables/api-keys.ts";
import { appMembers } from "../../../src/manager/db/tables/apps.ts";
import { users } from "../../../src/manager/db/tables/identity.ts";
import type { TxtResolver } from "../../../src/manager/domains/ownership.ts";
import { createManager } from "../../../src/manager/manager.ts";
import type { Manager } from "../../../src/manager/manager.ts";
import type { ManagerConfig } from "../../../src/manager/config.ts";
import { keyPrefix, newKeyToken } from "../../../src/manager/authz/tokens.ts";
import type { AppRole, InstanceRole, Scope } from "../../../src/manager/authz/capabilities.ts";
import { masterKey } from "../../../src/manager/secrets/master-key.ts";
import { newId } from "../../../src/shared/ids.ts";
import { DEFAULT_CEILINGS } from "../../../src/shared/limits.ts";
import { createLogger } from "../../../src/shared/logger.ts";
import { testDatabase } from "../../support/postgres.ts";
import { standInBuilder, standInExecutor } from "./stand-ins.ts";
import type { StandInExecutor } from "./stand-ins.ts";

export const PASSWORD = "correct horse battery";
export const TEST_MASTER_KEY = masterKey(new Uint8Array(32).fill(7));

export const testConfig: ManagerConfig = {
  publicBaseUrl: null,
  sessionTtlMs: 24 * 3_600_000,
  passwordHash: { memoryKib: 64, passes: 1 },
  ceilings: DEFAULT_CEILINGS,
  recordsPerSecond: 200,
  retentionDays: 7,
  retentionMb: 500,
};

export interface TestClock {
  now(): number;
  advance(ms: number): void;
}

/** Starts at the time of the machine, which the database's own defaults use, too. */
export function testClock(): TestClock {
  let offset = 0;
  return { now: () => Date.now() + offset, advance: (ms) => void (offset += ms) };
}

export interface Person {
  id: string;
  username: string;
  /** Of a session. */
  token: string;
}

export interface CallOptions {
  as?: { token: string } | string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  address?: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  // Answers are looked into freely by tests; what they hold is what is tested.
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  body: any;
}

export interface Harness {
  manager: Manager;
  database: Database;
  url: string;
  /** Of the role that owns the tables. */
  ownerUrl: string;
  clock: TestClock;
  executor: StandInExecutor;
  logs: string[];
  owner: Person;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  fetch(request: Request, address?: string): Promise<Response>;
  person(role: InstanceRole): Promise<Person>;
  member(appId: string, role: AppRole): Promise<Person>;
  key(owner: Person, scopes: Scope[], appId?: string): Promise<{ id: string; token: string }>;
  app(slug?: string): Promise<{ id: string; slug: string }>;
  script(appId: string, source?: string): Promise<{ id: string }>;
  close(): Promise<void>;
}

export async function createHarness(
  options: { config?: Partial<ManagerConfig>; resolveTxt?: TxtResolver } = {},
): Promise<Harness> {
  const { url, ownerUrl, drop } = await testDatabase();
  const database = connectDatabase({ url, poolSize: 6 });
  const clock = testClock();
  const executor = standInExecutor();
  const logs: string[] = [];
  const logger = createLogger({
    level: "info",
    format: "json",
    write: (line) => void logs.push(line),
  });
  const manager = await createManager({
    database,
    url,
    config: { ...testConfig, ...options.config },
    clock,
    logger,
    masterKey: TEST_MASTER_KEY,
    builder: standInBuilder(),
    executor,
    ...(options.resolveTxt === undefined ? {} : { resolveTxt: options.resolveTxt }),
  });
  const controlPlane = manager.controlPlane();
  const passwordHash = await manager.deps.passwords.hash(PASSWORD);

  const fetch = async (request: Request, address = "203.0.113.9") =>
    await controlPlane.fetch(request, { address });
  const call = async (
    method: string,
    path: string,
    { as, body, headers, address }: CallOptions = {},
  ): Promise<Answer> => {
    const token = typeof as === "string" ? as : as?.token;
    const request = new Request(`http://localhost/api/v1/admin${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await fetch(request, address);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? null : JSON.parse(text),
    };
  };
  const person = async (role: InstanceRole): Promise<Person> => {
    const id = newId();
    const username = `${role}-${id.slice(-12)}`;
    await database.db
      .insert(users)
      .values({ id, username, usernameKey: username, passwordHash, instanceRole: role });
    const login = await call("POST", "/auth/login", { body: { username, password: PASSWORD } });
    return { id, username, token: login.body.token };
  };
  const owner = await person("owner");

  return {
    manager,
    database,
    url,
    ownerUrl,
    clock,
    executor,
    logs,
    owner,
    call,
    fetch,
    person,
    member: async (appId, role) => {
      const member = await person("member");
      await database.db.insert(appMembers).values({ appId, userId: member.id, role });
      return member;
    },
    key: async (holder, scopes, appId) => {
      const token = newKeyToken();
      const id = newId();
      const tokenHash = await manager.deps.passwords.hashKey(token);
      await database.db.insert(apiKeys).values({
        id,
        userId: holder.id,
        name: "test",
        prefix: keyPrefix(token),
        tokenHash,
        scopes,
        appId: appId ?? null,
      });
      return { id, token };
    },
    app: async (slug = `app-${newId().slice(-12)}`) => {
      const { body } = await call("POST", "/apps", { as: owner, body: { slug, name: slug } });
      return body;
    },
    script: async (appId, source = "export default () => 1") => {
      const body = { app_id: appId, name: `s-${newId().slice(-12)}`, source };
      return (await call("POST", "/scripts", { as: owner, body })).body;
    },
    close: async () => {
      await manager.close();
      await database.close();
      await drop();
    },
  };
}
