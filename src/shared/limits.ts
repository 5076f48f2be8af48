/** Per-script limits: names, defaults and ceilings of the HTTP contract. Units are in the names. */
export interface Limits {
  wall_ms: number;
  stream_idle_ms: number;
  cpu_ms: number;
  startup_ms: number;
  memory_mb: number;
  stack_kb: number;
  subrequests: number;
  request_mb: number;
  response_mb: number;
  log_lines: number;
  concurrency: number;
}

export type LimitName = keyof Limits;

export const DEFAULT_LIMITS: Readonly<Limits> = {
  wall_ms: 30_000,
  stream_idle_ms: 60_000,
  cpu_ms: 1_000,
  startup_ms: 1_000,
  memory_mb: 64,
  stack_kb: 256,
  subrequests: 50,
  request_mb: 10,
  response_mb: 10,
  log_lines: 1_000,
  concurrency: 256,
};

export const DEFAULT_CEILINGS: Readonly<Limits> = {
  wall_ms: 300_000,
  stream_idle_ms: 3_600_000,
  cpu_ms: 30_000,
  startup_ms: 10_000,
  memory_mb: 256,
  stack_kb: 1_024,
  subrequests: 1_000,
  request_mb: 1_024,
  response_mb: 1_024,
  log_lines: 10_000,
  concurrency: 10_000,
};

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as LimitName[];

/** Stored limits as they run: absent ones take the default, and none passes the ceiling of today. */
export function effectiveLimits(stored: Partial<Limits>, ceilings: Limits): Limits {
  const limits = { ...DEFAULT_LIMITS, ...stored };
  for (const name of LIMIT_NAMES) limits[name] = Math.min(limits[name], ceilings[name]);
  return limits;
}
