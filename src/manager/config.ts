/** What the control plane must be told; the server fills it from the environment. */
import type { Config } from "../shared/config/config.ts";
import type { Limits } from "../shared/limits.ts";

export interface ManagerConfig {
  /** How the outside reaches the platform, without a trailing slash; null when it was not set. */
  publicBaseUrl: string | null;
  sessionTtlMs: number;
  passwordHash: PasswordHashCost;
  /** What scripts' limits may not pass. */
  ceilings: Limits;
  /** Full records of plain successes kept per second; 0 keeps none. */
  recordsPerSecond: number;
  retentionDays: number;
  retentionMb: number;
}

export interface PasswordHashCost {
  memoryKib: number;
  passes: number;
}

const HOUR_MS = 3_600_000;

export function managerConfig(config: Config): ManagerConfig {
  return {
    publicBaseUrl: config.publicBaseUrl,
    sessionTtlMs: config.sessionTtlHours * HOUR_MS,
    passwordHash: { memoryKib: config.argon2MemoryKib, passes: config.argon2Iterations },
    ceilings: config.ceilings,
    recordsPerSecond: config.recordsPerSecond,
    retentionDays: config.retentionDays,
    retentionMb: config.retentionMb,
  };
}
