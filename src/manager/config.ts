/** What the control plane must be told; the server fills it from the environment. */
import type { Limits } from "../shared/limits.ts";

export interface ManagerConfig {
  /** How the outside reaches the platform, without a trailing slash; null when it was not set. */
  publicBaseUrl: string | null;
  /** `dns`: members prove by a TXT record that a host is theirs. `off` without it. */
  domainOwnership?: "off" | "dns";
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
