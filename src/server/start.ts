/** The composition root: every role of one process, in the order that it needs them. */
import { totalmem } from "node:os";
import { createBuilder, registryFromEnvironment } from "../builder/create-builder.ts";
import { deriveImageKey } from "../executor/client/image-key.ts";
import { createExecutorClient } from "../executor/client/executor-client.ts";
import { bootstrapOwner, type FirstOwner } from "../manager/bootstrap/bootstrap-owner.ts";
import { startWarnings } from "../manager/bootstrap/start-warnings.ts";
import { seedDefaults } from "../manager/bootstrap/seed-defaults.ts";
import type { ManagerConfig } from "../manager/config.ts";
import { isMigrated, SCHEMA_VERSION } from "../manager/db/migrate.ts";
import { createManager, type Manager } from "../manager/manager.ts";
import { openMasterKey } from "../manager/secrets/rotate.ts";
import { connectionsMax } from "../http/capacity.ts";
import { createDataPlane, type DataPlane } from "../orchestrator/data-plane.ts";
import {
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  DEFAULT_TRIGGER_DEPTH_MAX,
  type DataPlaneDeps,
} from "../orchestrator/deps.ts";
import { gateSizesFor } from "../orchestrator/gate.ts";
import { ProxyTrust } from "../orchestrator/http/forwarded.ts";
import { setAddonDirectory } from "../shared/addon-directory.ts";
import { systemClock } from "../shared/clock.ts";
import type { Config, Environment } from "../shared/config/config.ts";
import type { ExecutorClient } from "../shared/execution.ts";
import type { Logger } from "../shared/logger.ts";
import { openDataDir } from "./data-dir/data-dir.ts";
import { openInstanceDatabase, type InstanceDatabase } from "./database.ts";
import { executorMemory } from "./executor-memory.ts";
import { createPlatform, type PlatformDeps } from "./http/platform.ts";
import { platformHostCheck } from "./http/platform-hosts.ts";
import { checkReadiness } from "./http/readiness.ts";
import { metricsAccess, renderMetrics } from "./http/metrics.ts";
import { listen, type Listener } from "./listen.ts";
import { followRouting, isClaimed } from "./routing-table.ts";
import { createHostServices } from "./services.ts";
import { Shutdown } from "./shutdown.ts";

export interface RunningServer {
  url: string;
  /** Of the control plane's own listener, when it has one. */
  adminUrl: string | null;
  /** On the very first start only. */
  firstOwner: FirstOwner | null;
  /** False when something did not close within its bound. */
  stop(reason: string): Promise<boolean>;
}

export interface StartOptions {
  config: Config;
  env: Environment;
  logger: Logger;
}

const MIB = 1024 * 1024;
const STEP_MS = 10_000;

/** Rejects with the reason when a part cannot start; what was open by then is closed again. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const shutdown = new Shutdown(options.logger);
  try {
    return await openAll(options, shutdown);
  } catch (error) {
    await shutdown.run("start failed");
    throw error;
  }
}

async function openAll(
  { config, env, logger }: StartOptions,
  shutdown: Shutdown,
): Promise<RunningServer> {
  const dataDir = openDataDir(config.dataDir);
  setAddonDirectory(dataDir.path);
  shutdown.add("data directory", STEP_MS, () => dataDir.release());
  const storage = await openInstanceDatabase(config, dataDir, logger);
  shutdown.add("database", STEP_MS, () => storage.close());

  const builder = createBuilder({
    cacheFolder: dataDir.file("packages"),
    registry: registryFromEnvironment(env),
  });
  shutdown.add("builder", STEP_MS, () => builder.close());
  const keySource = { given: config.masterKey, dataDir: dataDir.path };
  const masterKey = await openMasterKey(storage.database.db, keySource);
  const late: { plane: DataPlane | null; manager: Manager | null } = { plane: null, manager: null };
  const executor = createExecutorClient({
    services: createHostServices({
      dataPlane: () => late.plane,
      egress: async (appId) => {
        if (late.manager === null)
          throw new Error("Cannot tell the egress policy: the platform is starting");
        return await late.manager.egress.rulesFor(appId);
      },
    }),
    inline: config.inline === "on",
    imageCacheBytes: config.imageCacheMb * MIB,
    imageDirectory: dataDir.file("images"),
    imageKey: deriveImageKey(masterKey.bytes),
    ...(config.executorProcesses === null ? {} : { processesMax: config.executorProcesses }),
    onProcessDeath: (details) =>
      logger.error("An executor process died and is replaced", { ...details }),
  });
  shutdown.add("executor", config.shutdownGraceMs + STEP_MS, () => executor.close(0));

  const manager = await createManager({
    database: storage.database,
    url: storage.url,
    config: managerConfig(config),
    clock: systemClock,
    logger,
    masterKey,
    builder,
    executor,
  });
  late.manager = manager;
  shutdown.add("records", STEP_MS, () => manager.close());
  const owner = {
    username: config.adminUsername,
    password: config.adminPassword,
    dataDir: dataDir.path,
  };
  const firstOwner = await bootstrapOwner(manager.deps, owner);
  await seedDefaults(manager.deps);
  for (const warning of await startWarnings(manager.deps, owner, firstOwner)) logger.warn(warning);

  const dataPlane = createDataPlane(dataPlaneDeps(config, manager, executor, logger));
  late.plane = dataPlane;
  const listeners = openListeners({ config, manager, executor, dataPlane, storage, logger });
  for (const listener of listeners) {
    shutdown.add("listener", config.shutdownGraceMs + STEP_MS, () =>
      listener.stop(config.shutdownGraceMs),
    );
  }
  const [main, admin] = listeners;
  return {
    url: main?.url ?? "",
    adminUrl: admin?.url ?? null,
    firstOwner,
    stop: (reason) => shutdown.run(reason),
  };
}

const managerConfig = (config: Config): ManagerConfig => ({
  publicBaseUrl: config.publicBaseUrl,
  domainOwnership: config.domainOwnership,
  sessionTtlMs: config.sessionTtlHours * 3_600_000,
  passwordHash: { memoryKib: config.argon2MemoryKib, passes: config.argon2Iterations },
  ceilings: config.ceilings,
  recordsPerSecond: config.recordsPerSecond,
  retentionDays: config.retentionDays,
  retentionMb: config.retentionMb,
});

function dataPlaneDeps(
  config: Config,
  manager: Manager,
  executor: ExecutorClient,
  logger: Logger,
): DataPlaneDeps {
  const sizes = gateSizesFor(totalmem());
  const tables = followRouting(manager.publisher.routingTables);
  const ownHosts = platformHostCheck(config.publicBaseUrl, (host) => isClaimed(tables(), host));
  return {
    tables,
    scripts: manager.publisher.scripts,
    executor,
    sink: manager.sink,
    callers: manager.callers,
    clock: systemClock,
    logger,
    memoryInUseBytes: executorMemory(executor),
    config: {
      publicBaseUrl: config.publicBaseUrl,
      sharesControlPlane: (host) => config.adminBind === null && ownHosts(host),
      trustedProxies: config.trustedProxies ?? [],
      gate: config.maxConcurrent === null ? sizes : { ...sizes, running: config.maxConcurrent },
      triggerDepthMax: DEFAULT_TRIGGER_DEPTH_MAX,
      idleTimeoutSeconds: DEFAULT_IDLE_TIMEOUT_SECONDS,
    },
  };
}

interface ListenerParts {
  config: Config;
  manager: Manager;
  executor: ExecutorClient;
  dataPlane: DataPlane;
  storage: InstanceDatabase;
  logger: Logger;
}

/** The public listener, and the control plane's own where one is configured. */
function openListeners({
  config,
  manager,
  executor,
  dataPlane,
  storage,
  logger,
}: ListenerParts): Listener[] {
  const ownHosts = platformHostCheck(config.publicBaseUrl, (host) => dataPlane.claims(host));
  const shared: Omit<PlatformDeps, "servesControlPlane"> = {
    controlPlane: manager.controlPlane(),
    readiness: () =>
      checkReadiness({
        pingDatabase: () => storage.database.sql`select 1`,
        executorAnswers: () => executor.stats().processes >= 0,
        migrated: async () => isMigrated(storage.database.sql),
      }),
    metrics: {
      allowed: metricsAccess({ token: config.metricsToken, callers: manager.deps.credentials }),
      render: () => renderMetrics({ dataPlane, executor, sink: manager.sink }),
    },
    schemaVersion: SCHEMA_VERSION,
    publicBaseUrl: config.publicBaseUrl,
  };
  const common = {
    connectionsMax: Math.floor(connectionsMax() / (config.adminBind === null ? 1 : 2)),
    trust: new ProxyTrust(config.trustedProxies ?? []),
    idleTimeoutSeconds: DEFAULT_IDLE_TIMEOUT_SECONDS,
    bodyBytesMax: config.ceilings.request_mb * MIB,
    onError: (error: unknown) =>
      logger.error("A request failed in the listener", { error: String(error) }),
  };
  const isPublicOwn = (host: string): boolean => config.adminBind === null && ownHosts(host);
  const main = listen({
    ...common,
    bind: config.bind,
    setting: "PICLOUD_BIND",
    platform: createPlatform({ ...shared, servesControlPlane: isPublicOwn }),
    dataPlane,
  });
  if (config.adminBind === null) return [main];
  const platform = createPlatform({ ...shared, servesControlPlane: () => true });
  return [
    main,
    listen({
      ...common,
      bind: config.adminBind,
      setting: "PICLOUD_ADMIN_BIND",
      platform,
      dataPlane: null,
    }),
  ];
}
