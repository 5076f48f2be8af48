/** What the data plane is given. The server composes it. */
import type { CallerResolver } from "../shared/caller.ts";
import type { Clock } from "../shared/clock.ts";
import type { ExecutionLogSink, ExecutorClient, ScriptResolver } from "../shared/execution.ts";
import type { Logger } from "../shared/logger.ts";
import type { RoutingTable } from "../shared/routing/table.ts";
import type { GateSizes } from "./gate.ts";

export interface DataPlaneConfig {
  /** How the outside reaches the platform (`https://cloud.example.com`), or null. */
  publicBaseUrl: string | null;
  /**
   * True for a host on whose listener the control plane answers too. Everything a script answers there
   * is sandboxed. The host is in normal form.
   */
  sharesControlPlane(host: string): boolean;
  /** Addresses and CIDRs of reverse proxies whose forwarding headers count. */
  trustedProxies: readonly string[];
  gate: GateSizes;
  /** Internal requests and events deeper than this are refused. */
  triggerDepthMax: number;
  /** The listener's idle timeout, in force again when a response is done. Seconds, at most 255. */
  idleTimeoutSeconds: number;
}

export interface DataPlaneDeps {
  /** The table of now; read once per request, so that a swap is atomic for it. */
  tables(): RoutingTable;
  scripts: ScriptResolver;
  executor: ExecutorClient;
  sink: ExecutionLogSink;
  callers: CallerResolver;
  config: DataPlaneConfig;
  clock: Clock;
  logger: Logger;
  /** Bytes that running executions hold now; 0 where that is not known. */
  memoryInUseBytes?(): number;
}

export const DEFAULT_TRIGGER_DEPTH_MAX = 16;
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 30;
