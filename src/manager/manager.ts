/** The control plane, put together: what the server starts, and what it hands to the data plane. */
import type { Hono } from "hono";
import type { CallerResolver } from "../shared/caller.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { enforceAuditRetention } from "./audit/audit-retention.ts";
import { createCallerResolver } from "./authz/caller-resolver.ts";
import { CredentialCache } from "./authz/credential-cache.ts";
import type { ManagerConfig } from "./config.ts";
import type { ManagerDeps } from "./context.ts";
import type { Database } from "./db/connect.ts";
import { systemTxtResolver, type TxtResolver } from "./domains/ownership.ts";
import { EgressRuleCache } from "./egress/egress-rules.ts";
import { readEnvironment } from "./env/read-environment.ts";
import { createExecutionFeed } from "./executions/feed.ts";
import { createControlPlane } from "./http/control-plane.ts";
import type { Endpoint } from "./http/endpoint.ts";
import type { ControlPlaneEnv } from "./http/run-endpoint.ts";
import { createPublisher } from "./publish/publisher.ts";
import type { Publisher } from "./publish/publisher.ts";
import { enforceRetention } from "./recording/retention.ts";
import { createExecutionSink } from "./recording/sink.ts";
import type { RecordingSink } from "./recording/sink.ts";
import { createSecretBox } from "./secrets/secret-box.ts";
import type { MasterKey } from "./secrets/master-key.ts";
import { createPasswordHasher } from "./sessions/password-hasher.ts";

export interface ManagerOptions {
  database: Database;
  /** Of the same database and role, for the connection that listens. */
  url: string;
  config: ManagerConfig;
  clock: Clock;
  logger: Logger;
  masterKey: MasterKey;
  formerMasterKeys?: readonly MasterKey[];
  builder: ManagerDeps["builder"];
  executor: ManagerDeps["executor"];
  /** How domain ownership is looked up; the system's DNS without it. */
  resolveTxt?: TxtResolver;
}

export interface Manager {
  deps: ManagerDeps;
  publisher: Publisher;
  sink: RecordingSink;
  callers: CallerResolver;
  /** What scripts may connect to. */
  egress: Pick<EgressRuleCache, "rulesFor">;
  /** @param more endpoints of other areas, under the same prefix and rules */
  controlPlane(more?: readonly Endpoint[]): Hono<ControlPlaneEnv>;
  close(): Promise<void>;
}

const RETENTION_EVERY_MS = 10 * 60_000;

/** Rejects when the database is away, or its secrets belong to another master key. */
export async function createManager(options: ManagerOptions): Promise<Manager> {
  const { database, config, clock, logger } = options;
  const { db } = database;
  const secrets = await createSecretBox(db, options.masterKey, options.formerMasterKeys);
  const passwords = await createPasswordHasher(config.passwordHash);
  const credentials = new CredentialCache({
    db,
    passwords,
    clock,
    logger,
    sessionTtlMs: config.sessionTtlMs,
  });
  const publisher = await createPublisher({
    db,
    url: options.url,
    logger,
    ceilings: config.ceilings,
    variablesOf: (from, appId) => readEnvironment(from, secrets, appId),
  });
  publisher.onChange((changes) => credentials.drop(changes));
  const egress = new EgressRuleCache(db);
  publisher.onChange((changes) => egress.onChange(changes));
  const feed = createExecutionFeed();
  const sink = createExecutionSink({
    db,
    clock,
    logger,
    feed,
    recordsPerSecond: config.recordsPerSecond,
  });
  const retention = setInterval(() => void keepRetention(options), RETENTION_EVERY_MS);
  retention.unref();
  const { builder, executor } = options;
  const deps: ManagerDeps = {
    database,
    config,
    clock,
    logger,
    builder,
    executor,
    publisher,
    secrets,
    passwords,
    credentials,
    feed,
    resolveTxt: options.resolveTxt ?? systemTxtResolver,
  };
  return {
    deps,
    publisher,
    sink,
    callers: createCallerResolver(credentials, clock),
    egress,
    controlPlane: (more) => createControlPlane(deps, more),
    close: async () => {
      clearInterval(retention);
      await Promise.all([sink.close(), publisher.close()]);
    },
  };
}

async function keepRetention({ database, clock, config, logger }: ManagerOptions): Promise<void> {
  try {
    const deleted = await enforceRetention({
      db: database.db,
      clock,
      days: config.retentionDays,
      megabytes: config.retentionMb,
    });
    if (deleted > 0) logger.info("Deleted old execution records", { deleted });
    const audit = await enforceAuditRetention(database.db, clock);
    if (audit > 0) logger.info("Deleted old audit rows", { deleted: audit });
  } catch (error) {
    logger.warn("Cannot delete old records; trying again later", {
      error: String(error),
    });
  }
}
